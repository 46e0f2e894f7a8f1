import * as z from 'zod'
import { shapeProblems } from '../catalog/shape-problems.ts'
import { ProblemError } from './problem.ts'
import type { Problem } from './schema-part.ts'

/** What is wrong in a request's shape, by place: the part of it, then keys and indexes. */

type Found = NonNullable<Problem['errors']>

/** A page of mistakes is enough for anybody. */
const ERRORS_MOST = 20
const SHOWN_MOST = 60

const schemas = new WeakMap<z.ZodType, object>()

/** Checks a part of a request; throws a problem that names each place. */
export function checked(schema: z.ZodType, part: string, value: unknown): unknown {
  const result = schema.safeParse(value === undefined ? {} : value, { reportInput: true })
  if (result.success) return result.data
  const errors = errorsOf(schema, part, result.error.issues, value)
  const [first] = errors
  throw new ProblemError('bad-request', `${first!.place}: ${first!.limit}`, {
    errors, need: first!.limit, have: first!.value, remedy: first!.remedy,
  })
}

function errorsOf(
  schema: z.ZodType, part: string, issues: readonly z.core.$ZodIssue[], value: unknown): Found {
  const flat = issues.flatMap((issue) => withoutUnions(issue))
  return shapeProblems(flat.slice(0, ERRORS_MOST), jsonSchemaOf(schema))
    .slice(0, ERRORS_MOST).map(({ path, message }, at) => {
      const place = shortened([part, ...path].join('.'))
      const limit = limitOf(flat[at], message)
      return { place, value: show(valueAt(value, path)), limit,
        remedy: `Correct ${place}: ${limit}.` }
    })
}

/** What would do, in the words of the schema where those are of a file's. */
function limitOf(issue: z.core.$ZodIssue | undefined, message: string): string {
  if (issue?.code !== 'invalid_format') return shortened(message, 300)
  if (issue.format === 'datetime') return 'a moment as 2026-03-01T18:00:00Z would do'
  const pattern = 'pattern' in issue ? String(issue.pattern) : issue.format
  return `text that matches ${shortened(pattern, 100)} would do`
}

/** The branch of a union that came nearest: the one with the fewest complaints. */
function withoutUnions(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue]
  const nearest = issue.errors.reduce((least, each) => each.length < least.length ? each : least)
  return nearest.map((each) => ({ ...each, path: [...issue.path, ...each.path] }))
}

function jsonSchemaOf(schema: z.ZodType): object {
  let known = schemas.get(schema)
  if (known === undefined) {
    known = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
    schemas.set(schema, known)
  }
  return known
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let here = value
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined
    here = (here as Record<string | number, unknown>)[key]
  }
  return here
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  return shortened(JSON.stringify(value) ?? 'nothing')
}

function shortened(text: string, most = SHOWN_MOST): string {
  return text.length > most ? `${text.slice(0, most)}…` : text
}
