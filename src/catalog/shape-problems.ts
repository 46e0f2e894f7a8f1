import type * as z from 'zod'
import { didYouMean, listed } from './problem.ts'
import type { Path, Problem } from './problem.ts'

type Issue = z.core.$ZodIssue

/**
 * What is wrong in the shape of a document, in our words. `schema` is its JSON Schema: the keys
 * that it knows at a place are what would do there.
 */
export function shapeProblems(issues: readonly Issue[], schema: object): Problem[] {
  return issues.flatMap((issue) => fromIssue(issue, [], schema))
}

function fromIssue(issue: Issue, above: Path, schema: object): Problem[] {
  const path = [...above, ...issue.path.map((key) => typeof key === 'symbol' ? '' : key)]
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(path, schema)
      return issue.keys.map((key) => ({
        path: [...path, key],
        ofKey: true,
        message: `there is no key "${key}" here; `
          + `${listed(known)} would do${didYouMean(key, known)}`,
      }))
    }
    case 'invalid_union':
      return fromUnion(issue, path, schema)
    default:
      return [{ path, ofKey: false, message: message(issue, path) }]
  }
}

/** Of `none` or more keys: where there are keys, what is wrong with them. */
function fromUnion(
  issue: z.core.$ZodIssueInvalidUnion, path: Path, schema: object): Problem[] {
  const inside = issue.errors.find((branch) => branch.every((one) => one.path.length > 0
    || one.code === 'unrecognized_keys'))
  if (inside !== undefined) return inside.flatMap((one) => fromIssue(one, path, schema))
  const keys = listed(keysAt(path, schema))
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
      if (issue.message.includes('; ')) {
        return issue.input === undefined ? `${key} is missing; ${issue.message.split('; ')[1]}`
          : issue.message
      }
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

/** Keys that the schema knows at a path. */
function keysAt(path: Path, schema: object): string[] {
  let here: unknown = schema
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

/** What stands under a key of an object or list; undefined where there is none. */
export function childOf(value: unknown, key: string | number): unknown {
  return isObject(value) || Array.isArray(value)
    ? (value as Readonly<Record<string | number, unknown>>)[key]
    : undefined
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const MAX_SHOWN = 60
