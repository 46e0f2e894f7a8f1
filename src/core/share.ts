import { exp } from '../base/math.ts'
import type { State } from './state.ts'

/**
 * Fair share: what each queue has had lately, in GPU·ms, where use of a half-life ago counts half
 * (Slurm's PriorityDecayHalfLife). A job without GPUs counts its cores, at the factory's ratio of
 * GPUs to cores. Use counts at every queue above too.
 */

/**
 * A job that uses the factory at some rate (less than zero: that ends) is expected to do so until
 * `endAtMs`, at its queue and all above it. O(depth of the tree).
 */
export function chargeUse(state: State, queue: number, rate: number, endAtMs: number): void {
  const { layout, totals } = state
  const { use, pastUse, useAtMs, useEnds } = state.tables.queues
  for (let at = queue; at >= 0; at = layout.quotas.parent[at]!) {
    pastUse[at] = pastUseOf(state, at)
    useAtMs[at] = totals.nowMs
    use[at] = use[at]! + rate
    // Sums of large numbers round: an idle queue starts afresh.
    useEnds[at] = use[at] === 0 ? 0 : useEnds[at]! + rate * endAtMs
  }
}

/**
 * What a queue has had, and what its running jobs are still expected to take, for each unit of its
 * weight: smaller goes first. A job counts in full when it starts; else a queue that is behind
 * would get every free node at once, and the last of them would always be too many.
 */
export function shareOf(state: State, queue: number): number {
  const { use, useEnds } = state.tables.queues
  const soon = Math.max(0, useEnds[queue]! - use[queue]! * state.totals.nowMs)
  return (pastUseOf(state, queue) + soon) / state.layout.plant.queues[queue]!.weight
}

/** Brings use so far up to now and lets all that runs go: who runs is charged anew. O(queues). */
export function restartUse(state: State): void {
  const { use, pastUse, useAtMs, useEnds } = state.tables.queues
  for (let queue = 0; queue < use.length; queue++) {
    pastUse[queue] = pastUseOf(state, queue)
    useAtMs[queue] = state.totals.nowMs
    use[queue] = 0
    useEnds[queue] = 0
  }
}

/** Use so far, decayed to now: U·d + rate·(1 − d)·H/ln 2 with d = 2^(−Δt/H). */
function pastUseOf(state: State, queue: number): number {
  const { use, pastUse, useAtMs } = state.tables.queues
  const elapsedMs = state.totals.nowMs - useAtMs[queue]!
  if (elapsedMs === 0) return pastUse[queue]!
  const lifeMs = state.layout.plant.usageHalfLifeMs / Math.LN2
  const rest = decay(elapsedMs / lifeMs)
  return pastUse[queue]! * rest + use[queue]! * lifeMs * (1 - rest)
}

/** e to the -x; short times, which are nearly all, take four terms: exact to 1e-14. */
function decay(x: number): number {
  return x < 0.001 ? 1 - x * (1 - (x / 2) * (1 - x / 3)) : exp(-x)
}
