import type { FastifyRequest } from 'fastify'
import { isRefusal, PLAIN_ARRIVAL, type TraceJob } from '../model/index.ts'
import type { Ask } from '../run/live/controller.ts'
import { requestOf } from '../run/request.ts'
import type { Factory } from './factory.ts'
import { momentOf } from './moment.ts'
import { ProblemError, refused } from './problem.ts'
import type { Submitted } from './schema-job.ts'

/** A submission in the words of its factory. Throws a problem where it has no such word. */
export function submission(request: FastifyRequest, { controller, book }: Factory): Ask {
  const body = request.body as Submitted
  const { caller } = request
  const { plant } = controller.state().layout
  const found = requestOf(plant, traceJobOf(body, controller.clock), body.name)
  if (isRefusal(found)) throw refused(found)
  // Who succeeded already need not be waited for; the state has forgotten it.
  const after = body.after.filter(({ number, on }) => {
    const told = book.told(number)
    if (told?.outcome === undefined) return true
    if (on === 'ended' || told.outcome === 'completed') return false
    throw new ProblemError('not-possible-now', `Job ${number} has ended, ${told.outcome}, so it `
      + 'will never succeed.', { need: 'completed', have: told.outcome,
      remedy: 'Wait for its end only, or leave it out.' })
  })
  return {
    type: 'submit',
    request: found,
    spec: { ...body.spec, owner: caller.name, account: caller.account, submittedAtMs: Date.now() },
    ...after.length === 0 ? {} : { after },
  }
}

function traceJobOf(body: Submitted, clock: Factory['controller']['clock']): TraceJob {
  const {
    name, queue, gpus, nodes, cpusPerNode, memoryPerNodeGiB, device, level, priority, limitMs,
    leastNodes, leastRunMs, deadlineAt, isHero, class: kind, speeds, leastSpeed, worth,
  } = body
  return {
    ...PLAIN_ARRIVAL,
    id: name, submitAtMs: 0, gpus, nodes, cpusPerNode, memoryPerNodeGiB, limitMs, queue, device,
    level, priority, leastNodes, leastRunMs,
    deadlineAtMs: deadlineAt === undefined ? 0 : momentOf(clock, deadlineAt),
    isHero, speeds, class: kind, leastSpeed, worth,
    workload: '', workMs: 0, checkpointEveryMs: 0, checkpointStallMs: -1, outcome: 'completed',
  }
}
