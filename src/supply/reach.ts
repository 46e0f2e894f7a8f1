import { assert } from '../base/assert.ts'
import { reachW, type FlowState } from './flow-state.ts'
import { momentAt, type Conditions, type Moment } from './moment.ts'
import type { MixState } from './piece.ts'

export type Reach = {
  /** From then on, and for so long, it can be held. */
  readonly atMs: number
  readonly forMs: number
  /** Whether grids count whole, whatever their ramp. */
  readonly isElastic: boolean
  /** Whether the largest unit is kept back. */
  readonly hasReserve: boolean
}

/** Watts that the flows can have reached by a moment and hold from then on. O(supplies x units). */
export function reachedW(state: MixState, conditions: Conditions, reach: Reach): number {
  const { atMs, forMs, isElastic, hasReserve } = reach
  assert(atMs >= state.nowMs, 'what could be given is asked of now or later')
  const first = momentAt(conditions, atMs)
  const last = momentAt(conditions, atMs + forMs)
  let watts = 0
  let largestW = 0
  for (const one of state.flows) {
    const isWhole = isElastic && one.flow.isElastic
    const before = isWhole ? one.on * one.flow.firmUnitW(first)
      : firmReachW(one, state.nowMs, atMs, first)
    const after = isWhole ? before : firmReachW(one, state.nowMs, atMs + forMs, last)
    const called = one.ceilings.reduce((least, { fromMs, untilMs, limitW }) =>
      fromMs < atMs + forMs && untilMs > atMs ? Math.min(least, limitW) : least, Infinity)
    watts += Math.min(before, after, called)
    if (one.flow.startMs > 0 && before > 0) {
      largestW = Math.max(largestW, Math.min(before, one.flow.unitW(first)))
    }
  }
  return Math.max(0, watts - (hasReserve ? largestW : 0))
}

function firmReachW(one: FlowState, nowMs: number, atMs: number, moment: Moment): number {
  return reachW(one, nowMs, atMs, one.flow.unitW(moment), one.flow.firmUnitW(moment))
}
