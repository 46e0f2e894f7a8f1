/** Random worlds in the middle of their work, for what starts from a state. */
import { createState, type State } from '../../src/core/state.ts'
import { Twin } from '../../src/engines/twin/twin.ts'
import type { Event, Plant, TraceJob } from '../../src/model/index.ts'
import { policiesOf } from '../../src/policies/index.ts'
import type { PolicyNames } from '../../src/policies/policy.ts'
import { turns, type Loop } from '../../src/run/loop.ts'
import { randomWorld } from './world.ts'

/** The world of a seed when six tenths of its jobs have come. */
export function worldAt(seed: number): { state: State, policies: PolicyNames } {
  const { plant, jobs, policies } = randomWorld(seed)
  const untilMs = jobs[Math.floor(jobs.length * 0.6)]!.submitAtMs
  return { state: runTo(plant, jobs, policies, untilMs), policies }
}

/** Runs jobs up to a moment and stops there; `before` sees each event before it is applied. */
export function runTo(
  plant: Plant, jobs: readonly TraceJob[], policies: PolicyNames, untilMs: number,
  before: (state: State, event: Event) => void = () => {}): State {
  const state = createState(plant)
  let next = 0
  const loop: Loop = {
    state, twin: new Twin(state, 1), ...policiesOf(policies),
    source: {
      peekAtMs: () => jobs[next]?.submitAtMs ?? Infinity,
      next: () => ({ job: jobs[next]!, name: jobs[next++]!.id }),
    },
    journal: { append: () => {}, turn: () => {} },
    recorder: {
      before: (event) => before(state, event),
      refused: () => {}, turn: () => {}, finish: () => {},
    },
    round: { decisions: 0, refused: 0, lastProblem: '' }, checkEvery: 0, onBroken: () => {},
  }
  for (const _ of turns(loop, untilMs)) void _
  state.totals.nowMs = Math.max(state.totals.nowMs, untilMs)
  return state
}
