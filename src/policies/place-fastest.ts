import { speedOn } from '../core/speeds.ts'
import { pack } from './place-pack.ts'
import type { PlacePolicy } from './policy.ts'
import { poolsByWorth } from './pools.ts'

/** The devices on which the job runs fastest come first; within a pool it packs. */
export const fastest: PlacePolicy = {
  name: 'fastest',
  summary: 'packed, on the free device type with the most throughput for the job',
  place: pack.place,
  pools: (view, job) => poolsByWorth(view, job, (pool) => speedOn(view, job, pool)),
}
