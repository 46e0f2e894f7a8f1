import { createHash } from 'node:crypto'
import { ask, type RankOf } from '../../core/ask.ts'
import type { State } from '../../core/state.ts'
import {
  isRefusal, PHASE, refusal, type Dependency, type Event, type Intent, type Refusal,
} from '../../model/index.ts'
import { courseOf } from '../curtailments.ts'
import type { Answer, Ask, Asker, Wait } from './controller.ts'
import { overCores } from './cores.ts'

/** The event that a request becomes on the state as it is, or why it is refused. O(job rows). */
export function eventOf(state: State, request: Ask, rankOf: RankOf): Event | Refusal {
  const intent = intentOf(state, request)
  return isRefusal(intent) ? intent : ask(state, intent, rankOf)
}

/** Number of the job that an event is about, as people know it; -1 where it is about none. */
export function numberOf(state: State, event: Event): number {
  if (event.type === 'job.submitted') return event.number
  return 'job' in event ? state.tables.jobs.number[event.job]! : -1
}

/** What identifies a request: the same key with another digest is another request. */
export function digestOf(request: Ask): string {
  // A request that is sent again says another time.
  const told = request.type === 'submit'
    ? { ...request, spec: { ...request.spec, submittedAtMs: 0 } } : request
  return createHash('sha256').update(JSON.stringify(told)).digest('hex')
}

/** Keys are a client's own: another's may be the same. */
export function keyOf({ who, key }: Asker): string {
  return key === '' ? '' : `${who}/${key}`
}

/** A request as it is kept for the audit: what a job's environment holds may be secret. */
export function auditedText(request: Ask): string {
  if (request.type !== 'submit') return JSON.stringify(request)
  const { environment, script, ...spec } = request.spec
  const hidden = { ...spec, environment: Object.keys(environment), script: script.length }
  return JSON.stringify({ ...request, spec: hidden })
}

/** An answer that was kept, as it was given. */
export function readAnswer(text: string): Answer {
  return JSON.parse(text) as Answer
}

function intentOf(state: State, request: Ask): Intent | Refusal {
  switch (request.type) {
    case 'other': return request.intent
    case 'curtail': return { type: 'limit', course: courseOf(state, request.curtailment) }
    case 'submit': {
      const after = dependenciesOf(state, request.after ?? [])
      const asked = overCores(state.layout.plant, request.request)
      if (isRefusal(asked)) return asked
      return isRefusal(after) ? after : { type: 'submit', request: { ...asked, after } }
    }
    default: {
      const job = rowOf(state, request.number)
      if (job < 0) return missing(state, request.number)
      return request.type === 'requeue' ? { type: 'requeue', job, reason: request.reason }
        : { type: request.type, job }
    }
  }
}

function dependenciesOf(
  state: State, after: readonly Wait[]): readonly Dependency[] | Refusal {
  const found: Dependency[] = []
  for (const { number, on } of after) {
    const job = rowOf(state, number)
    if (job < 0) return missing(state, number)
    found.push({ job, on })
  }
  return found
}

/** Row of a job that waits or runs; -1 where there is none of that number. O(rows). */
function rowOf({ tables, totals }: State, number: number): number {
  const { jobs } = tables
  for (let job = 0; job < totals.jobRows; job++) {
    if (jobs.number[job] === number && jobs.phase[job] !== PHASE.free) return job
  }
  return -1
}

function missing({ totals }: State, number: number): Refusal {
  const isPast = Number.isInteger(number) && number >= 1 && number <= totals.jobsSeen
  return refusal('no-such-job', isPast ? `Job ${number} has ended.`
    : `There is no job ${number}; the last one was job ${totals.jobsSeen}.`)
}
