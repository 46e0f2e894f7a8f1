import type { FastifyReply, FastifyRequest } from 'fastify'
import type * as z from 'zod'
import { secureHeaders } from '../auth.ts'
import { factoryNamed, type Api, type Desk } from '../desk.ts'
import type { Factory } from '../factory.ts'
import { ProblemError } from '../problem.ts'
import { problemSchema } from '../schema-part.ts'
import { eventSchema, eventsQuery } from '../schema-server.ts'
import { Stream, type Wanted } from '../stream.ts'

/** Each holds a connection and some memory. */
const STREAMS_MOST = 256
const STREAMS_OF_ONE_MOST = 32

/** Events as they become durable, from any that the journal still has. */
export function eventRoutes(api: Api, desk: Desk): void {
  const open = new Map<Stream, string>()
  desk.streams.push({ count: () => open.size, close: () => {
    for (const stream of open.keys()) stream.cut('the server stops')
  } })
  api.get('/v1/events', {
    config: { role: 'viewer' },
    schema: {
      summary: 'Events, as a stream that resumes after Last-Event-ID', tags: ['events'],
      querystring: eventsQuery,
      response: {
        200: { description: 'Server-sent events; the data of each is an Event.',
          content: { 'text/event-stream': { schema: eventSchema } } },
        '4xx': problemSchema, '5xx': problemSchema,
      } },
  }, (request, reply) => {
    const { query } = request
    const served = factoryNamed(desk, query)
    const { id } = request.caller
    const own = [...open.values()].filter((each) => each === id).length
    if (open.size >= STREAMS_MOST || own >= STREAMS_OF_ONE_MOST) {
      throw new ProblemError('too-many-readers', `${own} streams of this token and ${open.size} in `
        + 'all are open already.', { need: `${STREAMS_OF_ONE_MOST} of a token at most` })
    }
    const wanted = { ...startOf(request, served, query), ...filterOf(query),
      isAllowed: () => desk.tokens.live(id) !== undefined }
    begin(request, reply)
    const stream = new Stream(served, reply.raw, wanted)
    open.set(stream, id)
    reply.raw.once('close', () => open.delete(stream))
  })
}

function begin(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack()
  // Events are few and small; each is worth a packet.
  request.raw.socket.setNoDelay(true)
  reply.raw.writeHead(200, {
    ...secureHeaders(request.id), 'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store', 'x-accel-buffering': 'no',
  })
}

type Query = z.output<typeof eventsQuery>

/** Where the reader stopped: a header of its own, which browsers send when they come again. */
function startOf(
  request: FastifyRequest, { controller, book }: Factory, { after, job }: Query,
): Pick<Wanted, 'seq' | 'index'> {
  const header = request.headers['last-event-id']
  const id = typeof header === 'string' && header !== '' ? header : after
  if (id === undefined) return { seq: book.seq, index: -1 }
  if (id === 'submitted' && job !== undefined) return book.submittedAt(job)
  const match = /^(.+)-([0-9]{1,15})\.([0-9]{1,9})$/.exec(id)
  const seq = Number(match?.[2])
  if (match?.[1] === controller.name && seq <= book.seq) {
    return seq === 0 ? { seq: 0, index: -1 } : { seq, index: Number(match[3]) }
  }
  throw new ProblemError('no-such-event', `${JSON.stringify(id.slice(0, 80))} is no event that ${
    controller.name} has had; the last block is ${book.seq}.`, {
    need: `${controller.name}-SEQ.INDEX`, have: id.slice(0, 80) })
}

function filterOf({ types, job }: Query): Pick<Wanted, 'isWanted'> {
  const known = types?.split(',').map((type) => type.trim()).filter((type) => type !== '')
  const isType = (type: string) => known === undefined || known.some((each) =>
    each === type || (each.endsWith('*') && type.startsWith(each.slice(0, -1))))
  return { isWanted: (sent) => isType(sent.type) && (job === undefined || sent.number === job) }
}
