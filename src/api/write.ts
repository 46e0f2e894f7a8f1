import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { isRefusal } from '../model/index.ts'
import type { Answer, Ask, Asker, DryAnswer } from '../run/live/controller.ts'
import { isOperator } from './auth.ts'
import type { Factory } from './factory.ts'
import { ProblemError, refused } from './problem.ts'
import type { Done, DryRun } from './schema-part.ts'

/** A key that a client makes: printable, so that logs and the audit can show it. */
const KEY = /^[\x21-\x7e]{1,200}$/

type Written = { readonly query: { readonly dryRun: 'true' | 'false' } }

/**
 * Carries out what somebody asks of a factory, or says what would happen. Resolves when it is
 * durable; throws a problem where it is refused.
 */
export async function carryOut(
  request: FastifyRequest, { controller, quick }: Factory, ask: Ask): Promise<Done | DryRun> {
  const factory = controller.name
  const asker = askerOf(request)
  if ((request as Written).query.dryRun === 'true') {
    // On a copy in another thread: a round of the policies may take longer than a turn.
    const atMs = Math.floor(controller.clock.nowMs())
    const text = await quick.ask(controller, { type: 'dry', ask, atMs })
    const { answer, starts, stops } = JSON.parse(text) as DryAnswer
    const { number, event } = done(answer)
    return { factory, dryRun: true, event: event.type, number: numberOrNull(number),
      starts: [...starts], stops: [...stops] }
  }
  const { seq, event, number } = done(await controller.ask(ask, asker))
  return {
    factory, seq, event: event.type, number: numberOrNull(number),
    limit: event.type === 'limit.set' || event.type === 'limit.cleared' ? event.limit : null,
  }
}

function done(answer: Answer): Exclude<Answer, { refused: true }> {
  if (isRefusal(answer)) throw refused(answer)
  return answer
}

function numberOrNull(number: number): number | null {
  return number < 0 ? null : number
}

function askerOf(request: FastifyRequest): Asker {
  const { id, name } = request.caller
  const key = keyOf(request)
  const digest = createHash('sha256').update(`${request.method} ${request.url}\n`)
    .update(JSON.stringify(request.body ?? null)).digest('hex')
  return { who: name, from: request.ip, key: key === '' ? '' : `${id}:${key}`, digest }
}

/** The Idempotency-Key of a request, or ''. */
export function keyOf({ headers }: FastifyRequest): string {
  const key = headers['idempotency-key']
  if (key === undefined) return ''
  if (typeof key === 'string' && KEY.test(key)) return key
  throw new ProblemError('bad-request', 'The Idempotency-Key is not 1 to 200 printable characters '
    + 'of ASCII.', { need: '1 to 200 printable characters of ASCII' })
}

/** Submitters act on their own jobs; operators on all. */
export async function checkOwner(
  request: FastifyRequest, served: Factory, number: number): Promise<void> {
  const { caller } = request
  if (isOperator(caller)) return
  const { controller, book, index } = served
  const isKnown = index.of(controller.state()).rowOf(number) !== undefined
    || book.told(number) !== undefined
  if (!isKnown) throw new ProblemError('no-such-job', `There is no job ${number}.`)
  const owner = (await book.specOf(number))?.owner ?? ''
  if (owner === caller.name) return
  throw new ProblemError('not-yours', `Job ${number} is ${
    owner === '' ? 'of a trace' : `${owner}'s`}, and ${caller.name} is ${caller.role}.`,
  { need: 'operator', have: caller.role })
}
