/** Forks and snapshots the state in the middle of a run, and looks at them again at its end. */
import { chance } from './random-choice.ts'
import type { RandomStream } from '../../src/base/random.ts'
import { apply } from '../../src/core/apply.ts'
import type { Policy } from '../../src/core/decide.ts'
import { brokenInvariants } from '../../src/core/invariants.ts'
import { forkState, hashState, type State } from '../../src/core/state.ts'
import { loadSnapshot, saveSnapshot } from '../../src/journal/snapshot.ts'
import { PHASE, type Decision } from '../../src/model/index.ts'

/** Share of rounds in which a fork is made, and how many are kept to the end. */
const FORK_RATIO = 0.05
const FORKS_MOST = 5

const NOTHING: readonly Decision[] = []

export function forkTest(random: RandomStream): {
  readonly policy: Policy, readonly problems: () => string[] } {
  const kept: { state: State, hash: string }[] = []
  const problems: string[] = []
  const policy: Policy = {
    name: 'fork',
    *run(view) {
      yield* NOTHING
      if (kept.length >= FORKS_MOST || !chance(random, FORK_RATIO)) return
      const hash = hashState(view)
      kept.push({ state: forkState(view), hash })
      const { plant } = view.layout
      const loaded = loadSnapshot(plant, saveSnapshot(view))
      if (hashState(loaded) !== hash) problems.push('a snapshot has another hash than its state')
      if (loaded.names.join() !== view.names.join()) problems.push('a snapshot has other names')
      for (const other of [forkState(view), loaded]) disturb(other)
      if (hashState(view) !== hash) problems.push('a fork disturbs its parent')
    },
  }
  return {
    policy,
    problems: () => {
      for (const { state, hash } of kept) {
        if (hashState(state) !== hash) problems.push('a parent disturbs its fork')
        disturb(state)
        problems.push(...brokenInvariants(state).map((problem) => `in a fork: ${problem}`))
      }
      return problems
    },
  }
}

/** Ends every job. */
function disturb(state: State): void {
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (state.tables.jobs.phase[job] === PHASE.free) continue
    apply(state, { type: 'job.ended', job, outcome: 'cancelled' })
  }
}
