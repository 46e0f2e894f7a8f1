import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { InputError } from '../model/error.ts'

export const EVIDENCE = ['measured', 'datasheet', 'published', 'derived', 'guess'] as const
type Evidence = (typeof EVIDENCE)[number]

/** A number from the world. */
export type Sourced = {
  readonly value: number
  readonly evidence: Evidence
  readonly source: string
}

/** As it is written in a file of the catalogue: [value, evidence, source]. */
export const SOURCED = z.tuple([z.number().min(0), z.enum(EVIDENCE), z.string().min(3)])
export type Written = z.infer<typeof SOURCED>

/** What the keys of a file mean, for people. */
export const about = z.array(z.string())

export const sources = z.record(z.string(), z.string())

/** A source is a key of the file's list, or else a sentence, which has spaces. */
export function sourced(
  [value, evidence, source]: Written, texts: Record<string, string>): Sourced {
  const text = texts[source] ?? source
  if (!text.includes(' ')) throw new InputError(`catalog: no source is called "${source}"`)
  return { value, evidence, source: text }
}

/** Reads a file of the catalogue, or says where it is not as it should be. */
export function readJson<Shape>(path: string, shape: z.ZodType<Shape>): Shape {
  const read = shape.safeParse(JSON.parse(readFileSync(path, 'utf8')))
  if (read.success) return read.data
  throw new InputError(`${path}: ${z.prettifyError(read.error)}`)
}
