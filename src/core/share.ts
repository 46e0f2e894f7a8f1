import { exp } from '../base/math.ts'
import type { State } from './state.ts'

/**
 * Fair share: what each queue has had lately, in GPU·ms, where use of a half-life ago counts half
 * (Slurm's PriorityDecayHalfLife). A job without GPUs counts its cores, at the factory's ratio of
 * GPUs to cores. Use counts at every queue above too.
 */

/** Changes the rate at which a queue and all above it use the factory, from now on. */
export function chargeUse(state: State, queue: number, rate: number): void {
  const { layout, totals } = state
  const { use, pastUse, useAtMs } = state.tables.queues
  for (let at = queue; at >= 0; at = layout.quotas.parent[at]!) {
    pastUse[at] = pastUseOf(state, at)
    useAtMs[at] = totals.nowMs
    use[at] = use[at]! + rate
  }
}

/**
 * What a queue has had and, at its present rate, will have, for each unit of its weight: smaller
 * goes first. Without the second part a queue that is behind would get every free node at once,
 * since what starts now is use only later.
 */
export function shareOf(state: State, queue: number): number {
  const { plant } = state.layout
  const soon = state.tables.queues.use[queue]! * (plant.usageHalfLifeMs / Math.LN2)
  return (pastUseOf(state, queue) + soon) / plant.queues[queue]!.weight
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
