import type * as z from 'zod'
import { didYouMean, listed } from '../catalog/problem.ts'
import type { Path, Problem } from '../catalog/problem.ts'
import { factoryJsonSchema, factorySchema } from '../model/schema.ts'
import type { FactoryDocument } from '../model/schema.ts'

type Issue = z.core.$ZodIssue

/** What is wrong in the shape of a document, in our words. */
export function shapeProblems(issues: readonly Issue[]): Problem[] {
  return issues.flatMap((issue) => fromIssue(issue, []))
}

/**
 * What can still be checked for sense: the value without the keys that the problems name, or
 * undefined where too much is missing. Names stay, whatever they are, since others refer to them;
 * so do items of lists, since the places of those behind them would shift.
 */
export function soundPart(
  value: unknown, problems: readonly Problem[],
): FactoryDocument | undefined {
  const copy: unknown = structuredClone(value)
  for (const { path } of problems) {
    const holder = path.slice(0, -1).reduce<unknown>(childOf, copy)
    if (!isObject(holder)) continue
    const key = String(path.at(-1))
    if (key !== 'name') delete holder[key]
    else if (typeof holder[key] !== 'string') holder[key] = `unnamed ${path.join(' ')}`
  }
  const left = factorySchema.safeParse(copy).error?.issues ?? []
  const isSound = left.every((issue) => issue.code === 'invalid_format')
  return isSound ? copy as FactoryDocument : undefined
}

function fromIssue(issue: Issue, above: Path): Problem[] {
  const path = [...above, ...issue.path.map((key) => typeof key === 'symbol' ? '' : key)]
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(path)
      return issue.keys.map((key) => ({
        path: [...path, key],
        ofKey: true,
        message: `there is no key "${key}" here; `
          + `${listed(known)} would do${didYouMean(key, known)}`,
      }))
    }
    case 'invalid_union':
      return fromUnion(issue, path)
    default:
      return [{ path, ofKey: false, message: message(issue, path) }]
  }
}

/** Of `none` or more keys: where there are keys, what is wrong with them. */
function fromUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path): Problem[] {
  const inside = issue.errors.find((branch) => branch.every((one) => one.path.length > 0
    || one.code === 'unrecognized_keys'))
  if (inside !== undefined) return inside.flatMap((one) => fromIssue(one, path))
  const keys = listed(keysAt(path))
  const found = show(issue.input)
  return [{
    path,
    ofKey: false,
    message: `${found} would not do; none, or any of the keys ${keys} would`
      + (typeof issue.input === 'string' ? didYouMean(issue.input, ['none']) : ''),
  }]
}

function message(issue: Issue, path: Path): string {
  const found = show(issue.input)
  const key = path.filter((part) => typeof part === 'string').at(-1) ?? 'the file'
  switch (issue.code) {
    case 'custom':
      return issue.message
    case 'invalid_type':
      if (issue.message.includes('; ')) return issue.message
      return issue.input === undefined
        ? `${key} is missing; ${TYPES[issue.expected] ?? 'a value'} would do`
        : `${key} is ${found}; ${TYPES[issue.expected] ?? issue.expected} would do`
    case 'too_small':
      return issue.origin === 'array' && issue.minimum === 1
        ? `${key} is ${found}; one entry or more would do`
        : `${key} is ${found}; ${issue.minimum} or more would do`
    case 'too_big':
      return `${key} is ${found}; up to ${issue.maximum} would do`
    case 'invalid_format':
      return `${key} is ${found}; up to 63 letters, digits, ".", "_" and "-" would do`
    case 'invalid_value':
      return `${key} is ${found}; ${listed(issue.values.map(String))} would do`
    default:
      return issue.message
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys with values',
  record: 'keys with values',
}

/** A short text of what was found. */
function show(input: unknown): string {
  if (Array.isArray(input)) {
    return input.length === 0 ? 'an empty list' : `a list of ${input.length}`
  }
  if (isObject(input)) return `a group of keys (${listed(Object.keys(input))})`
  if (input === null || input === undefined) return 'empty'
  const text = JSON.stringify(input)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

/** Keys that the published schema knows at a path. */
function keysAt(path: Path): string[] {
  let here: unknown = factoryJsonSchema()
  for (const key of path) {
    const node = keyed(here)
    here = typeof key === 'number'
      ? childOf(node, 'items')
      : childOf(childOf(node, 'properties'), key) ?? childOf(node, 'additionalProperties')
  }
  return Object.keys(Object(childOf(keyed(here), 'properties')))
}

/** Of `none` or keys, the branch with the keys. */
function keyed(node: unknown): unknown {
  const branches = childOf(node, 'anyOf')
  if (!Array.isArray(branches)) return node
  return branches.find((branch) => childOf(branch, 'type') === 'object')
}

function childOf(value: unknown, key: string | number): unknown {
  return isObject(value) || Array.isArray(value)
    ? (value as Readonly<Record<string | number, unknown>>)[key]
    : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const MAX_SHOWN = 60
