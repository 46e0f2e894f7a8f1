import type { Decision, Step } from '../model/index.ts'
import { guard } from './guard.ts'
import { settle } from './apply.ts'
import { POWER, type State } from './state.ts'

/**
 * A policy looks at the state and yields what it wants. Each decision is guarded, journaled and
 * applied before the generator goes on, so it always sees the truth; the answer says whether the
 * decision was taken.
 */
export type Policy = {
  readonly name: string
  readonly run: (view: State) => Generator<Decision, void, boolean>
}

/** What became of one round. */
export type Round = { decisions: number, refused: number, lastProblem: string }

/** More decisions in one round than this are a policy that does not end. */
const DECISIONS_MOST = 50_000_000

/** One round: every policy in its order. `commit` journals, applies and orders each step. */
export function decide(
  state: State, policies: readonly Policy[], commit: (step: Step) => void, round: Round): void {
  for (const policy of policies) {
    const run = policy.run(state)
    let next = run.next(true)
    while (next.done !== true) {
      const problem = guard(state, next.value)
      if (problem === undefined) {
        round.decisions++
        for (const step of next.value.steps) commit(step)
      } else {
        round.refused++
        round.lastProblem = `${policy.name}: ${problem}`
      }
      if (round.decisions + round.refused > DECISIONS_MOST) {
        throw new Error(`policy ${policy.name} does not end: ${DECISIONS_MOST} decisions`)
      }
      next = run.next(problem === undefined)
    }
  }
  settle(state)
}

/** Whether the policies have something to look at. O(1). */
export function isUnsettled(state: State): boolean {
  const { isPowered, powerNews } = state.totals
  return (isPowered === 1 && (powerNews & POWER.due) !== 0) || hasNews(state)
}

/** Whether anything changed that could let a waiting job start. O(1). */
export function hasNews({ totals }: State): boolean {
  if (totals.pending === 0) return totals.isFreed === 1 && totals.shrunk > 0
  return totals.isFreed === 1 || totals.decidedNumber < totals.jobsSeen
}
