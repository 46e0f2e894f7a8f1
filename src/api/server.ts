import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import rateLimit from '@fastify/rate-limit'
import fastify, { LogController, type FastifyServerOptions } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import { fromSeconds } from '../base/units.ts'
import type { Controller } from '../run/live/controller.ts'
import { checkCaller, checkHost, Brake, LOOPBACK, NOBODY, secureHeaders } from './auth.ts'
import { Book } from './book.ts'
import type { Api, Desk } from './desk.ts'
import {
  answerProblems, checkMethod, methodsByAddress, rawProblem, readJson, sendProblem, type Methods,
} from './errors.ts'
import { JobIndex, QueueCounts, type Factory } from './factory.ts'
import { History } from './history.ts'
import { describeApi } from './openapi.ts'
import { ProblemError } from './problem.ts'
import { eventRoutes } from './routes/events.ts'
import { floorRoutes } from './routes/floor.ts'
import { healthRoutes } from './routes/health.ts'
import { historyRoutes } from './routes/history.ts'
import { jobRoutes } from './routes/jobs.ts'
import { logRoutes } from './routes/logs.ts'
import { pageRoutes } from './routes/page.ts'
import { plantRoutes } from './routes/plant.ts'
import { powerRoutes } from './routes/power.ts'
import { questionRoutes } from './routes/questions.ts'
import { serverRoutes } from './routes/server.ts'
import { ServerAudit } from './server-audit.ts'
import { Sessions } from './sessions.ts'
import { checked } from './shape.ts'
import { Thinker } from './thinker.ts'
import { Times } from './times.ts'
import type { Tokens } from './tokens.ts'

export type ServerOptions = {
  readonly controllers: readonly Controller[]
  /** Name of the factory that is meant where a request names none. */
  readonly defaultFactory: string
  readonly tokens: Tokens
  /** Address to listen on; without it, loopback. */
  readonly host?: string
  /** 0: any that is free. */
  readonly port: number
  readonly log: Logger
  /** Names under which it may be reached, beside those of loopback. */
  readonly hosts?: readonly string[]
  /** Requests a second of one token; without it, 5,000. */
  readonly ratePerSecond?: number
}

export type RunningServer = {
  readonly host: string
  readonly port: number
  /** Where it is reached: http://127.0.0.1:7070. */
  readonly url: string
  /** Ends it; the controllers go on. */
  readonly close: () => Promise<void>
}

/** Largest body: a submission with its script and environment, see model/spec.ts. */
const BODY_BYTES_MOST = 1_048_576

/** More than a client needs by itself, and less than what would keep the loop from its turns. */
const RATE_PER_SECOND = 5000

/** How long a request may take to arrive whole: slow ones hold connections. */
const REQUEST_MS = fromSeconds(30)

/** Starts to serve. Rejects where the address is taken. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { controllers, defaultFactory, tokens, host = '127.0.0.1', port, log } = options
  const quick = new Thinker()
  const factories = new Map(controllers.map((controller): [string, Factory] => {
    const book = new Book(controller)
    const factory: Factory = {
      controller, book, history: new History(controller, book),
      isDefault: controller.name === defaultFactory,
      index: new JobIndex(), counts: new QueueCounts(), quick,
    }
    return [controller.name, { ...factory, times: new Times(factory) }]
  }))
  const desk: Desk = {
    factories, tokens, sessions: new Sessions(tokens.folder),
    audit: new ServerAudit(tokens.folder), thinker: new Thinker(), streams: [],
  }
  const api = await apiOf(options, desk)
  await api.listen({ host, port })
  const address = api.server.address() as AddressInfo
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address
  const url = `http://${shown}:${address.port}`
  log.info({ url, factories: [...factories.keys()] }, 'listening')
  return {
    host: address.address, port: address.port, url,
    close: async () => {
      for (const stream of desk.streams) stream.close()
      for (const { book } of factories.values()) book.close()
      await Promise.all([...factories.values()].map(({ times }) => times?.close()))
      await Promise.all([quick.close(), desk.thinker.close()])
      await api.close()
      tokens.close()
    },
  }
}

async function apiOf(options: ServerOptions, desk: Desk): Promise<Api> {
  const methods = methodsByAddress()
  const api: Api = fastify({ ...settings(options), frameworkErrors: rawProblem })
    .withTypeProvider<ZodTypeProvider>()
  api.setValidatorCompiler(({ schema, httpPart }) => (data) => {
    try {
      return { value: checked(schema as never, PARTS[httpPart ?? ''] ?? 'body', data) }
    } catch (error) {
      if (error instanceof ProblemError) return { error }
      throw error
    }
  })
  // What is sent is made by our own code, and the tests hold it against its schemas: to check it
  // again each time would cost more than to make it.
  api.setSerializerCompiler(() => (data) => JSON.stringify(data))
  api.decorateRequest('caller', null as never)
  answerProblems(api)
  readJson(api)
  api.addHook('onRoute', methods.note)
  hooks(api, options, desk, methods)
  await describeApi(api)
  await api.register(rateLimit, {
    max: options.ratePerSecond ?? RATE_PER_SECOND, timeWindow: fromSeconds(1),
    keyGenerator: (request) => request.caller.id === '' ? request.ip : request.caller.id,
    errorResponseBuilder: (_, { max }) => new ProblemError('too-many-requests',
      `More than ${max} requests came in a second.`, { need: `${max} a second at most` }),
  })
  jobRoutes(api, desk)
  plantRoutes(api, desk)
  powerRoutes(api, desk)
  serverRoutes(api, desk)
  eventRoutes(api, desk)
  healthRoutes(api, desk)
  questionRoutes(api, desk)
  logRoutes(api, desk)
  floorRoutes(api, desk)
  historyRoutes(api, desk)
  pageRoutes(api)
  return api
}

const PARTS: Readonly<Record<string, string>> = {
  body: 'body', querystring: 'query', params: 'path', headers: 'headers',
}

function settings({ log }: ServerOptions): FastifyServerOptions {
  return {
    loggerInstance: log,
    // Addresses and headers of each request would fill the log; what matters is noted in a hook.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES_MOST,
    requestTimeout: REQUEST_MS,
    routerOptions: { maxParamLength: 200 },
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    forceCloseConnections: true,
    return503OnClosing: false,
  }
}

function hooks(
  api: Api, { hosts = [], host }: ServerOptions, desk: Desk, methods: Methods): void {
  const names = new Set([...LOOPBACK, ...hosts, ...host === undefined ? [] : [host]]
    .map((name) => name.toLowerCase()))
  const brake = new Brake()
  api.addHook('onRequest', async (request, reply) => {
    request.caller = NOBODY
    void reply.headers(secureHeaders(request.id))
    checkHost(request, names)
    checkMethod(request, reply, methods)
    checkCaller(desk, brake, request)
  })
  api.addHook('onResponse', async (request, reply) => {
    const { method, ip, caller } = request
    const level = reply.statusCode >= 500 ? 'error'
      : method === 'GET' || method === 'HEAD' ? 'debug' : 'info'
    request.log[level]({
      method, path: request.url.split('?')[0], status: reply.statusCode, who: caller.name,
      from: ip, ms: Math.round(reply.elapsedTime),
    }, 'answered')
  })
  api.setNotFoundHandler((request, reply) => sendProblem(reply, new ProblemError('no-such-route',
    `There is nothing at ${request.method} ${request.url.split('?')[0]!.slice(0, 200)}.`)))
}
