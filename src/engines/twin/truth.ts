import { curveOn, drawOf, PAUSED_W, withHostW } from '../../core/caps.ts'
import type { State } from '../../core/state.ts'
import { drawAt, drawSdAt, speedAt } from '../../model/index.ts'
import type { DeviceDraw } from './power.ts'
import type { Profile } from './profiles.ts'

/**
 * What a job truly does under a cap: as its class does, but for how far this job is off that,
 * which nobody but the twin knows. The hardware holds a cap whatever the job would draw.
 */

/** A job that works at all does at least this share of its full throughput. Guess. */
const LEAST_SPEED = 0.01

/** Throughput under a cap against that without: above 0, at most 1; 0 while paused. */
export function trueSpeed(state: State, row: number, run: Profile, capW: number): number {
  if (capW === PAUSED_W) return 0
  const lost = 1 - speedAt(curveOn(state, row, poolOf(state, row)), capW)
  return Math.min(1, Math.max(LEAST_SPEED, 1 - lost * run.lossFactor))
}

/** What one of its devices draws under a cap. */
export function trueDeviceW(state: State, row: number, run: Profile, capW: number): number {
  const curve = curveOn(state, row, poolOf(state, row))
  return Math.min(capW, drawAt(curve, capW) * run.drawFactor)
}

/** The same above idle with its share of the node, whole watts: see `drawOf` of core/caps.ts. */
export function trueDraw(state: State, row: number, run: Profile, capW: number): DeviceDraw {
  const pool = poolOf(state, row)
  // Nobody believes anything of a pause but what it is.
  if (capW === PAUSED_W) return { watts: drawOf(state, row, pool, capW), busyRatio: 1, sdW: 0 }
  const curve = curveOn(state, row, pool)
  const watts = withHostW(curve, pool, { capW, deviceW: trueDeviceW(state, row, run, capW) })
  return { watts, busyRatio: 1, sdW: drawSdAt(curve, capW) }
}

function poolOf({ layout, tables }: State, row: number) {
  return layout.pools[tables.jobs.pool[row]!]!
}
