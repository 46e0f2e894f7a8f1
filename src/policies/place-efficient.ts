import { poolsOf } from '../core/blocker.ts'
import type { PoolLayout } from '../core/layout.ts'
import { speedOn } from '../core/speeds.ts'
import { pack } from './place-pack.ts'
import type { PlacePolicy } from './policy.ts'
import { poolsByWorth } from './pools.ts'

/**
 * The devices that do most of the job's work for a watt come first; within a pool it packs. Watts
 * are of the site, above idle, since idle nodes draw theirs anyway: those that a job is charged
 * where a limit above any of its pools could bind, for then they decide how much runs; else those
 * that a device draws in training, for then only the energy counts.
 */
export const efficient: PlacePolicy = {
  name: 'efficient',
  summary: 'packed, on the free device type with the most throughput for a watt',
  place: pack.place,
  pools: (view, job) => {
    const { pools } = view.layout
    const isLimited = poolsOf(view, job).some((pool) => pools[pool]!.canBind)
    return poolsByWorth(view, job, (pool) =>
      speedOn(view, job, pool) / deviceAtSiteW(pools[pool]!, isLimited))
  },
}

/** Watts above idle of one device, with the loss and cooling above it: at least one. */
function deviceAtSiteW({ system, chargeW, roots }: PoolLayout, isCharged: boolean): number {
  const watts = isCharged ? chargeW
    : (system.nodeTypicalW - system.nodeIdleW) / Math.max(1, system.gpus)
  const ratio = roots.reduce((least, root) => Math.min(least, root.leastRatio), Infinity)
  return Math.max(1, watts * ratio)
}
