import type { FastifyError, FastifyReply, FastifyRequest, onRouteHookHandler } from 'fastify'
import type { Api } from './desk.ts'
import { ProblemError, problemOf, type ProblemCode } from './problem.ts'
import { secureHeaders } from './auth.ts'

/** Every answer that is not a success is a problem of RFC 9457. */

/** Errors of the framework by code, and what they are here. */
const FOREIGN: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body-too-large', 'The body has more than 1,048,576 bytes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['no-such-media-type', 'The body is of a media type that is not '
    + 'read here.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['bad-json', 'The body is no JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['bad-json', 'The body is empty, and its type says JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad-request', 'The body is shorter or longer than its '
    + 'Content-Length.'],
  FST_ERR_BAD_URL: ['bad-encoding', 'The address is not well encoded.'],
  FST_ERR_MAX_PARAM_LENGTH: ['no-such-route', 'A part of the address has more than 200 '
    + 'characters.'],
}

export function answerProblems(api: Api): void {
  api.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof ProblemError) return sendProblem(reply, error)
    const known = FOREIGN[error.code] ?? byStatus(error)
    if (known !== undefined) return sendProblem(reply, new ProblemError(...known))
    request.log.error({ err: error }, 'a bug')
    return sendProblem(reply, new ProblemError('bug', 'Something went wrong inside the server.'))
  })
}

/** An address that is known, and not with this method. */
export function checkMethod(request: FastifyRequest, reply: FastifyReply, methods: Methods): void {
  if (!request.is404) return
  const allowed = methods.of(request.url.split('?')[0]!)
  if (allowed.length === 0) return
  void reply.header('allow', allowed.join(', '))
  throw new ProblemError('no-such-method', `${request.method} is not done here; ${
    allowed.join(', ')} are.`, { need: allowed.join(', '), have: request.method })
}

/** What the parser or the framework finds wrong with a request, and has no line above. */
function byStatus({ statusCode, message }: FastifyError): readonly [ProblemCode, string]
  | undefined {
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return undefined
  return [statusCode === 429 ? 'too-many-requests' : 'bad-request', `${message.slice(0, 200)}.`]
}

/** The framework found an address that it cannot read, before any hook. */
export function rawProblem(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  const known = FOREIGN[error.code] ?? ['bad-request', error.message.slice(0, 200)]
  void reply.headers(secureHeaders(request.id))
  return sendProblem(reply, new ProblemError(...known as [ProblemCode, string]))
}

export function sendProblem(reply: FastifyReply, error: ProblemError): FastifyReply {
  const problem = problemOf(error, reply.request.id)
  const withWait = problem.status === 503 || problem.status === 429
  if (withWait && !reply.hasHeader('retry-after')) void reply.header('retry-after', '1')
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="millrace"')
  // Not by the serializer of the route: it knows its own answers alone.
  return reply.code(problem.status).type('application/problem+json').removeHeader('etag')
    .serializer((data: unknown) => JSON.stringify(data)).send(problem)
}

/** Bytes that are not UTF-8 are refused, where the usual reader would guess. */
export function readJson(api: Api): void {
  const parse = api.getDefaultJsonParser('error', 'error')
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  api.removeAllContentTypeParsers()
  api.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    let text
    try {
      text = decoder.decode(body as Buffer)
    } catch {
      return done(new ProblemError('bad-encoding', 'The body is not UTF-8.', {
        remedy: 'Send JSON in UTF-8.' }))
    }
    if (text.length === 0) return done(null, undefined)
    void parse(request, text, done)
    return undefined
  })
}

export type Methods = {
  readonly note: onRouteHookHandler
  /** Methods that an address takes. */
  readonly of: (path: string) => readonly string[]
}

/** Which methods each address takes, so that another is answered with them. */
export function methodsByAddress(): Methods {
  const routes: { readonly pattern: RegExp, readonly method: string }[] = []
  return {
    note: ({ url, method, config }) => {
      if (url.startsWith('/v1/') && config?.role === undefined) {
        throw new Error(`${url} does not say which role it takes`)
      }
      const pattern = new RegExp(`^${url.replace(/:[A-Za-z]+/g, '[^/]+')}$`)
      for (const each of [method].flat()) routes.push({ pattern, method: each })
    },
    of: (path) => [...new Set(routes.filter(({ pattern }) => pattern.test(path))
      .map(({ method }) => method))].sort(),
  }
}
