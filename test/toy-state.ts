// States of toy plants with jobs put where a test wants them, without a policy.
import { apply } from '../src/core/apply.ts'
import { ask } from '../src/core/ask.ts'
import { createState, type State } from '../src/core/state.ts'
import { isRefusal, PLAIN, type JobRequest } from '../src/model/index.ts'
import { toyPlant, type ToyPlan } from './toy-plant.ts'

export function toyState(plan: ToyPlan): State {
  return createState(toyPlant(plan))
}

export function requestOf(given: Partial<JobRequest>): JobRequest {
  return {
    name: '', queue: 0, gpus: 1, nodes: 0, cpusPerNode: 0, memoryPerNodeGiB: 0, device: -1,
    level: 4, priority: 0, limitMs: 1000, ...PLAIN, ...given,
  }
}

/** Submits a job and returns its row. */
export function submit(state: State, given: Partial<JobRequest>): number {
  const answer = ask(state, { type: 'submit', request: requestOf(given) }, () => 0)
  if (isRefusal(answer) || answer.type !== 'job.submitted') throw new Error(JSON.stringify(answer))
  apply(state, answer)
  return answer.job
}

/** Submits a job and starts it on spans of nodes: first, end, mask, … */
export function place(
  state: State, spans: readonly number[], given: Partial<JobRequest>, pool = 0): number {
  const job = submit(state, given)
  apply(state, { type: 'job.started', job, pool, spans })
  return job
}
