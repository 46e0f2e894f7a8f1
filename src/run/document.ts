import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import * as z from 'zod'
import type { Problem } from '../catalog/problem.ts'
import { shapeProblems } from '../catalog/shape-problems.ts'
import { readYaml } from '../catalog/yaml-text.ts'
import { InputError } from '../model/error.ts'

export type Kind<Document> = {
  readonly schema: z.ZodType<Document>
  /** What an empty file lacks, and what such a file is called: "a rule file". */
  readonly needed: string
  readonly called: string
  /** What is wrong with it beyond its shape. */
  readonly problems: (document: Document) => readonly Problem[]
}

/** Reads YAML or JSON of a shape, or throws one InputError with every problem and its place. */
export function readDocument<Document>(
  path: string, { schema, needed, called, problems }: Kind<Document>): Document {
  const yaml = readYaml(readText(path, called), path, needed)
  const shape = schema.safeParse(yaml.value, { reportInput: true })
  if (!shape.success) throw yaml.error(shapeProblems(shape.error.issues, z.toJSONSchema(schema)))
  const found = problems(shape.data)
  if (found.length > 0) throw yaml.error(found)
  return shape.data
}

function readText(path: string, called: string): string {
  let size: number
  try {
    accessSync(path, constants.R_OK)
    const stat = statSync(path)
    size = stat.isFile() ? stat.size : -1
  } catch {
    throw new InputError(`${path}: there is no such file that can be read; name ${called}`)
  }
  if (size < 0) throw new InputError(`${path}: this is not a file; name ${called}`)
  if (size > MOST_BYTES) {
    throw new InputError(`${path}: the file has ${size} bytes; ${called} of up to ${MOST_BYTES} `
      + 'would do')
  }
  return readFileSync(path, 'utf8')
}

/** Some thousand lines; what is longer is another kind of file. */
const MOST_BYTES = 1_000_000
