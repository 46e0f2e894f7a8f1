import type { FastifyReply } from 'fastify'
import { factoryAt, factoryNamed, type Api, type Desk } from '../desk.ts'
import type { Factory } from '../factory.ts'
import { feederOf } from '../places.ts'
import { ProblemError } from '../problem.ts'
import { jobParams, readOnly } from '../schema-job.ts'
import { problemSchema } from '../schema-part.ts'
import {
  aheadQuery, aheadSchema, startsQuery, startsSchema, whatIfBody, whatIfSchema, whyQuery, whySchema,
} from '../schema-server.ts'

const wrong = { '4xx': problemSchema, '5xx': problemSchema }

/** Questions that look ahead: answered in another thread, on a copy of the state. */
export function questionRoutes(api: Api, desk: Desk): void {
  api.get('/v1/jobs/:number/why', {
    config: { role: 'viewer' },
    schema: { summary: 'Why a job waits, and what would start it', tags: ['jobs'],
      params: jobParams, querystring: whyQuery, response: { 200: whySchema, ...wrong } },
  }, async (request, reply) => {
    const served = await factoryAt(desk, request.query)
    const job = rowOf(served, request.params.number)
    const isExpected = request.query.expected === 'true'
    const thinker = isExpected ? desk.thinker : served.quick
    return sendText(reply, await thinker.ask(served.controller, { type: 'why', job, isExpected }))
  })
  api.get('/v1/starts', {
    config: { role: 'viewer' },
    schema: { summary: 'When waiting jobs may start', tags: ['jobs'], querystring: startsQuery,
      response: { 200: startsSchema, ...wrong } },
  }, async (request, reply) => {
    const { controller } = factoryNamed(desk, request.query)
    const { forMs } = request.query
    return sendText(reply, await desk.thinker.ask(controller, { type: 'starts', forMs }))
  })
  api.post('/v1/whatif', {
    config: { role: 'viewer' },
    schema: { summary: 'What would be if something were changed', tags: ['power', 'jobs'],
      querystring: readOnly, body: whatIfBody, response: { 200: whatIfSchema, ...wrong } },
  }, async (request, reply) => {
    const { controller } = await factoryAt(desk, request.query)
    return sendText(reply, await desk.thinker.ask(controller, { type: 'what-if', ...request.body }))
  })
  api.get('/v1/ahead', {
    config: { role: 'viewer' },
    schema: { summary: 'Power in the hours ahead', tags: ['power'], querystring: aheadQuery,
      response: { 200: aheadSchema, ...wrong } },
  }, async (request, reply) => {
    const { controller } = factoryNamed(desk, request.query)
    const { plant } = controller.state().layout
    const { feeder, forMs } = request.query
    const feeders = feeder === undefined ? plant.sites.map((site) => site.feeder)
      : [feederOf(plant, feeder)]
    return sendText(reply, await desk.thinker.ask(controller, { type: 'ahead', feeders, forMs }))
  })
}

function rowOf({ controller, index, book }: Factory, number: number): number {
  const job = index.of(controller.state()).rowOf(number)
  if (job !== undefined) return job
  const outcome = book.told(number)?.outcome
  throw outcome === undefined ? new ProblemError('no-such-job', `There is no job ${number}.`)
    : new ProblemError('not-possible-now', `Job ${number} is over: it ${
      outcome === 'cancelled' ? 'was cancelled' : outcome}.`, {
      remedy: `Read it at /v1/jobs/${number}.` })
}

/** The other thread has written it down already. */
function sendText(reply: FastifyReply, text: string): never {
  return reply.type('application/json').serializer((given: string) => given).send(text) as never
}
