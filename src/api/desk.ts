import type {
  FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Caller } from './auth.ts'
import type { Factory } from './factory.ts'
import { ProblemError } from './problem.ts'
import type { Role } from './schema-server.ts'
import type { ServerAudit } from './server-audit.ts'
import type { Thinker } from './thinker.ts'
import type { Tokens } from './tokens.ts'
import type { Sessions } from './sessions.ts'

/** What the routes share. */
export type Desk = {
  readonly factories: ReadonlyMap<string, Factory>
  readonly tokens: Tokens
  readonly sessions: Sessions
  readonly audit: ServerAudit
  readonly thinker: Thinker
  /** Streams that are open, for the metrics and for the end of the server. */
  readonly streams: { readonly count: () => number, readonly close: () => void }[]
}

/** The server, as routes add themselves to it. */
export type Api = FastifyInstance<RawServerDefault, RawRequestDefaultExpression,
  RawReplyDefaultExpression, FastifyBaseLogger, ZodTypeProvider>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The least role that may use the route; every route of /v1 says one. */
    role?: Role | 'anyone'
  }
  interface FastifyRequest {
    caller: Caller
  }
}

/** The factory that a request names, at the moment that it names, or now. */
export async function factoryAt(
  desk: Desk, query: { readonly factory?: string | undefined, readonly at?: string | undefined },
): Promise<Factory> {
  const factory = factoryNamed(desk, query)
  return query.at === undefined ? factory : await factory.times!.at(query.at)
}

/** The factory that a request names, or the default one. */
export function factoryNamed(
  { factories }: Desk, { factory: name }: { readonly factory?: string | undefined }): Factory {
  const found = name === undefined ? [...factories.values()].find((each) => each.isDefault)
    : factories.get(name)
  if (found !== undefined) return found
  throw new ProblemError('no-such-factory', `There is no factory ${name}; there are ${
    [...factories.keys()].join(', ')}.`)
}
