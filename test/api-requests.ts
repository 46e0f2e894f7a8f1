// Requests by chance, from the OpenAPI document of a server: right ones, nearly right ones, and
// values that have broken other servers.
import * as fc from 'fast-check'
import * as z from 'zod'

type Schema = { readonly [key: string]: unknown }

type Parameter = { readonly in: string, readonly name: string, readonly schema: Schema }

type Operation = {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> }
  readonly responses: Record<string, { readonly content?: Record<string, { schema: Schema }> }>
}

export type Document = {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, Schema> }
}

export type Shot = {
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly headers: Record<string, string>
  /** Whether a success is as the document says. */
  readonly isAnswer: (status: number, body: unknown) => boolean
}

export async function documentOf(url: string): Promise<Document> {
  return await (await fetch(`${url}/v1/openapi.json`)).json() as Document
}

/** Streams do not end, and tokens are what the shots are sent with. */
const LEFT_OUT = /^\/v1\/(events|watch|openapi|tokens)/

/** A year of a what-if takes as long as it takes; it is bounded elsewhere. */
const SPAN_MOST_MS = 3_600_000

export function requestsOf(document: Document): fc.Arbitrary<Shot> {
  const all = Object.entries(document.paths).filter(([path]) => !LEFT_OUT.test(path))
    .flatMap(([path, operations]) => Object.entries(operations).map(([method, operation]) =>
      shotOf(document, path, method.toUpperCase(), operation)))
  return fc.oneof(...all)
}

function shotOf(
  document: Document, path: string, method: string, operation: Operation): fc.Arbitrary<Shot> {
  const { parameters = [], requestBody } = operation
  const named = (place: string) => Object.fromEntries(parameters
    .filter((each) => each.in === place).map(({ name, schema }) =>
      [name, fc.option(valueOf(document, schema), { nil: undefined, freq: 4 })]))
  const bodySchema = requestBody?.content['application/json']?.schema
  return fc.record({
    inPath: fc.record(named('path')), query: fc.record(named('query')),
    headers: fc.record(named('header')),
    body: bodySchema === undefined ? fc.constant(undefined) : valueOf(document, bodySchema),
  }).map(({ inPath, query, headers, body }) => ({
    method, body, path: addressOf(path, inPath, query),
    headers: Object.fromEntries(Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && /^[\x21-\x7e]+$/.test(value) ? [[name, value]] : [])),
    isAnswer: (status, answer) => isAnswer(document, operation, status, answer),
  }))
}

function addressOf(
  path: string, inPath: Record<string, unknown>, query: Record<string, unknown>): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(textOf(inPath[name] ?? 1)) || '%20')
  const search = new URLSearchParams(Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, textOf(value)] as [string, string]]))
  return `${filled}?${search}`
}

function textOf(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value) ?? '').toWellFormed()
}

/** What has broken others. */
const HOSTILE: readonly unknown[] = [
  '', ' ', '\0', '../../etc/passwd', '%00', "'; DROP TABLE jobs;--",
  '<script>',
  '\u202e', '𝕏', '\ud800', '__proto__', 'constructor', '1e400', '-0', 'NaN', 'null', '{}',
  'a'.repeat(5000), 'rack0/1', 'site0', 'day', '0-3', 'train', -1, 0, 1, 2, 1.5, 1e21, 2 ** 53,
  null, true, [], {}, [[]], { constructor: 1 }]

/** Mostly what a schema allows; now and then anything. */
function valueOf(document: Document, given: Schema): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 12, arbitrary: rightOf(document, given) },
    { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) })
}

function rightOf(document: Document, given: Schema): fc.Arbitrary<unknown> {
  const schema = resolved(document, given)
  if (schema['maximum'] === 366 * 86_400_000 || schema['maximum'] === 14 * 86_400_000) {
    return fc.integer({ min: 60_000, max: SPAN_MOST_MS })
  }
  if ('const' in schema) return fc.constant(schema['const'])
  if ('enum' in schema) return fc.constantFrom(...schema['enum'] as unknown[])
  if ('anyOf' in schema) {
    return fc.oneof(...(schema['anyOf'] as Schema[]).map((each) => rightOf(document, each)))
  }
  switch (schema['type']) {
    case 'object': return objectOf(document, schema)
    case 'array': return fc.array(valueOf(document, schema['items'] as Schema), { maxLength: 3 })
    case 'integer': {
      const least = schema['minimum'] as number ?? -10
      const most = Math.min(schema['maximum'] as number ?? 1e9, 2 ** 53 - 1)
      return fc.oneof(fc.integer({ min: least, max: Math.min(most, least + 9) }),
        fc.maxSafeInteger().map((value) => Math.min(most, Math.max(least, value))))
    }
    case 'number': return fc.double({ noNaN: true, noDefaultInfinity: true })
    case 'boolean': return fc.boolean()
    case 'null': return fc.constant(null)
    default: return textFor(schema)
  }
}

function textFor(schema: Schema): fc.Arbitrary<string> {
  if (schema['format'] === 'date-time') {
    return fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
  }
  return fc.oneof(fc.constantFrom('', 'site0', 'rack0', 'rack1/2', 'day', 'night', 'small', '1',
    '0-3', 'cancel 1', 'limit site0 600 W', 'add 1 nodes', 'chip0'),
  fc.string({ unit: 'binary', maxLength: 20 }))
}

function objectOf(document: Document, schema: Schema): fc.Arbitrary<unknown> {
  const properties = Object.entries(schema['properties'] as Record<string, Schema> ?? {})
  const required = new Set(schema['required'] as string[] ?? [])
  const record = fc.record(Object.fromEntries(properties.map(([name, each]) => [name,
    required.has(name) ? valueOf(document, each)
      : fc.option(valueOf(document, each), { nil: undefined, freq: 1 })])))
  const free = schema['additionalProperties']
  if (typeof free !== 'object') return record
  return fc.dictionary(fc.string({ maxLength: 8 }), valueOf(document, free as Schema),
    { maxKeys: 3 })
}

function resolved(document: Document, schema: Schema): Schema {
  const ref = schema['$ref']
  return typeof ref !== 'string' ? schema
    : document.components.schemas[ref.split('/').at(-1)!]!
}

const checks = new WeakMap<Operation, Map<number, z.ZodType>>()

function isAnswer(
  document: Document, operation: Operation, status: number, answer: unknown): boolean {
  const known = checks.get(operation) ?? new Map<number, z.ZodType>()
  checks.set(operation, known)
  let check = known.get(status)
  if (check === undefined) {
    const schema = operation.responses[`${status}`]?.content?.['application/json']?.schema
    if (schema === undefined) return false
    // Zod reads definitions of its own place.
    const text = JSON.stringify({ ...schema, $defs: document.components.schemas })
      .replaceAll('#/components/schemas/', '#/$defs/')
    check = z.fromJSONSchema(JSON.parse(text) as never)
    known.set(status, check)
  }
  return check.safeParse(answer).success
}
