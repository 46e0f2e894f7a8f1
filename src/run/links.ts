import type { State } from '../core/state.ts'
import {
  PHASE, refusal, type Dependency, type JobRequest, type Refusal, type TraceJob,
} from '../model/index.ts'

/**
 * Ties the jobs of a trace to one another: those of an array, and those that wait for others. A
 * trace names them by id; copies of a trace are tied among themselves, since their names end alike.
 */
export class Links {
  /** Number of the first job of each array, by name. */
  private readonly arrays = new Map<string, number>()

  /** The request with its array and what it waits for. O(jobs) only where it waits for some. */
  of(state: State, job: TraceJob, name: string, request: JobRequest): JobRequest | Refusal {
    if (job.array === '' && job.after === '') return request
    const ending = name.startsWith(job.id) ? name.slice(job.id.length) : ''
    const after = job.after === '' ? [] : dependenciesOf(state, job.after, ending)
    if ('refused' in after) return after
    return { ...request, array: this.arrayOf(state, job.array, ending), after }
  }

  private arrayOf(state: State, array: string, ending: string): number {
    if (array === '') return 0
    const key = array + ending
    const known = this.arrays.get(key)
    if (known !== undefined) return known
    const number = state.totals.jobsSeen + 1
    this.arrays.set(key, number)
    return number
  }
}

/**
 * Slurm's words: "afterok:12:13,afterany:14". A job that has ended already, or never came, is not
 * waited for, as in Slurm once a job is forgotten.
 */
function dependenciesOf(state: State, text: string, ending: string): Dependency[] | Refusal {
  const found: Dependency[] = []
  for (const clause of text.split(',')) {
    const [word, ...ids] = clause.split(':')
    if ((word !== 'afterok' && word !== 'afterany') || ids.length === 0) {
      return refusal('out-of-range', `"${clause}" says nothing to wait for; write afterok:ID or `
        + 'afterany:ID, several with commas between them.')
    }
    for (const id of ids) {
      const job = rowOf(state, id + ending)
      if (job >= 0) found.push({ job, on: word === 'afterok' ? 'completed' : 'ended' })
    }
  }
  return found
}

function rowOf(state: State, name: string): number {
  const { phase, number } = state.tables.jobs
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (phase[job] === PHASE.free) continue
    if ((state.names[job] || `${number[job]}`) === name) return job
  }
  return -1
}
