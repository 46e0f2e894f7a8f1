import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { loadCatalogue } from '../catalog/catalogue.ts'
import { compilePlant, resolvePlant } from '../catalog/plant.ts'
import type { Path } from '../catalog/problem.ts'
import { shapeProblems } from '../catalog/shape-problems.ts'
import { readYaml } from '../catalog/yaml-text.ts'
import { InputError } from '../model/error.ts'
import { factoryJsonSchema, factorySchema } from '../model/schema.ts'
import type { FactoryDocument } from '../model/schema.ts'
import type { Plant } from '../model/site.ts'
import { soundPart } from './factory-shape.ts'

export { describePlant } from '../catalog/describe.ts'

export type Factory = {
  /** Plain JSON, as written: for the header of a journal. */
  readonly document: FactoryDocument
  readonly plant: Plant
}

/** Reads a factory file, or throws one InputError with every problem and its place. */
export function readFactory(path: string): Factory {
  return parseFactory(readText(path), path)
}

/** The same for a text that is at hand; `path` is only shown. */
export function parseFactory(text: string, path: string): Factory {
  const yaml = readYaml(text, path, 'name and sites')
  const shape = factorySchema.safeParse(yaml.value, { reportInput: true })
  const problems = shape.success ? [] : shapeProblems(shape.error.issues, factoryJsonSchema())
  // What is wrong in shape is left out, and the rest is checked for sense at the same time.
  const document = shape.success ? shape.data : soundPart(yaml.value, problems)
  if (document !== undefined) {
    const { plant, problems: found } = resolvePlant(document, loadCatalogue())
    if (problems.length === 0 && plant !== undefined && found.length === 0) {
      return { document, plant }
    }
    // A problem above a place that was left out may only come from leaving it out.
    const cut = problems.map((one) => place(one.path))
    for (const one of found) {
      if (!cut.some((below) => below.startsWith(place(one.path)))) problems.push(one)
    }
  }
  throw yaml.error(problems)
}

/** The plant of a document out of a journal header. Throws an InputError where it does not fit. */
export function compileDocument(json: unknown): Plant {
  const shape = factorySchema.safeParse(json, { reportInput: true })
  if (shape.success) return compilePlant(shape.data, loadCatalogue())
  const lines = shapeProblems(shape.error.issues, factoryJsonSchema())
    .map((one) => `factory document: ${one.path.join('.')}: ${one.message}`)
  throw new InputError(lines.join('\n'))
}

/** A text that begins with that of every place above. */
function place(path: Path): string {
  return path.map((key) => `${key}\n`).join('')
}

function readText(path: string): string {
  const stat = statOf(path)
  if (stat === undefined) {
    throw new InputError(`${path}: there is no such file that can be read; name a factory file, `
      + 'such as examples/colossus/factory.yaml')
  }
  if (!stat.isFile()) throw new InputError(`${path}: this is not a file; name a factory file`)
  if (stat.size > MAX_BYTES) {
    throw new InputError(`${path}: the file has ${stat.size} bytes; up to ${MAX_BYTES} would do, `
      + 'since halls, rows and racks are counted, not listed')
  }
  return readFileSync(path, 'utf8')
}

function statOf(path: string): Stats | undefined {
  try {
    accessSync(path, constants.R_OK)
    return statSync(path)
  } catch {
    return undefined
  }
}

/** Far more than counts of a large factory take; a file beyond it is some other file. */
const MAX_BYTES = 4_000_000
