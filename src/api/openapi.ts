import swagger from '@fastify/swagger'
import * as z from 'zod'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { VERSION } from '../run/version.ts'
import type { Api } from './desk.ts'

/** The document of the interface, made from the schemas that check each request. */
export async function describeApi(api: Api): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Millrace', version: VERSION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        description: 'Factories, jobs, nodes, queues and power of one Millrace server. Every write '
          + 'takes an Idempotency-Key and ?dryRun=true; every error is a problem of RFC 9457.',
      },
      components: { securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'millrace-session' },
      } },
      security: [{ token: [] }, { session: [] }],
    },
    transform: (document) => {
      const { schema, url } = jsonSchemaTransform(document as never)
      const { role } = document.route.config ?? {}
      const open = role === 'anyone' ? { security: [] } : {}
      return { schema: { ...schema, ...open, ...contentOf(schema), 'x-role': role }, url } as never
    },
    transformObject: jsonSchemaTransformObject,
  })
  let text: string | undefined
  api.get('/v1/openapi.json', {
    config: { role: 'anyone' },
    schema: { summary: 'This document', tags: ['server'],
      response: { 200: z.record(z.string(), z.unknown()) } },
  }, async (_, reply) => {
    // It takes a while to make, and most servers are never asked for it.
    text ??= JSON.stringify(finished(api.swagger() as Document))
    return reply.type('application/json').serializer((given: string) => given).send(text as never)
  })
}

type Operation = { operationId?: string, parameters?: object[] }
type Document = {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { schemas?: Record<string, object> }
}

const KEY_PARAMETER = {
  in: 'header', name: 'idempotency-key', required: false,
  schema: { type: 'string', pattern: '^[!-~]{1,200}$' },
  description: 'Made by the client: the same request with the same key is carried out once.',
}

/** Names its operations, says which take a key, and leaves out schemas that nothing uses. */
function finished(document: Document): Document {
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      operation.operationId = [method, ...path.split('/').slice(2)
        .map((part) => part.replace(/[{}]/g, '').replace(/\W/g, '-'))].join('-')
      if (method !== 'get' && method !== 'head') {
        operation.parameters = [...operation.parameters ?? [], KEY_PARAMETER]
      }
    }
  }
  const { schemas = {} } = document.components
  const used = usedFrom(document.paths, schemas, new Set())
  document.components.schemas = Object.fromEntries(
    Object.entries(schemas).filter(([name]) => used.has(name)))
  return withPlainNames(document, used)
}

const REF = /"#\/components\/schemas\/([A-Za-z]+)"/g

function usedFrom(
  value: object, schemas: Record<string, object>, found: Set<string>): Set<string> {
  for (const [, name] of JSON.stringify(value).matchAll(REF)) {
    if (found.has(name!)) continue
    found.add(name!)
    usedFrom(schemas[name!]!, schemas, found)
  }
  return found
}

/** What is only taken needs no name that tells it from what is answered. */
function withPlainNames(document: Document, used: ReadonlySet<string>): Document {
  const plain = (name: string) => {
    const short = name.replace(/Input$/, '')
    return used.has(short) ? name : short
  }
  const text = JSON.stringify(document).replace(REF, (_, name: string) =>
    `"#/components/schemas/${plain(name)}"`)
  const renamed = JSON.parse(text) as Document
  renamed.components.schemas = Object.fromEntries(Object.entries(renamed.components.schemas ?? {})
    .map(([name, schema]) => [plain(name), schema]))
  return renamed
}

/** Problems have a media type of their own. */
function contentOf(schema: unknown) {
  const { response } = schema as { response?: Record<string, object> }
  if (response === undefined) return {}
  return { response: Object.fromEntries(Object.entries(response).map(([status, answer]) =>
    /^[45]xx$/.test(status) ? [status, {
      description: 'A problem.', content: { 'application/problem+json': { schema: answer } },
    }] : [status, { description: 'Done.', ...answer }])) }
}
