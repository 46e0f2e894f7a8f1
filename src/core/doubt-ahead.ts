import { heldNormal } from '../base/math.ts'
import type { Placement } from '../model/index.ts'
import { doubtOfMove, placementOf } from './allocation.ts'
import { deviceDrawW, drawOf, PAUSED_W } from './caps.ts'
import { biasW, offGrowthW, priorOf, type DoubtAhead } from './doubt.ts'
import { eachDevices, eachDeviation } from './spread.ts'
import type { State } from './state.ts'

/** What would be in doubt of draw once caps that are not in force yet are so. */

type Capped = { readonly job: number, readonly capW: number }

/**
 * What caps of placed jobs would add to what is in doubt at each feeder: nodes that set them by
 * themselves do so where nobody listens. O(feeders + racks of jobs).
 */
export function doubtAhead(state: State, caps: readonly Capped[]): DoubtAhead {
  const { jobs, feeders } = state.tables
  const count = feeders.unknown.length
  const unknown = new Float64Array(count)
  const offVariance = new Float64Array(count)
  const offW = new Float64Array(count)
  const held: Held[] = []
  for (const { job, capW } of caps) {
    const pool = state.layout.pools[jobs.pool[job]!]!
    const drawW = drawOf(state, job, pool, capW)
    if (drawW === jobs.drawW[job]) continue
    const { afterW, movedW } = doubtOfMove(state, job, pool, jobs.drawW[job]!, drawW)
    const placement = placementOf(state, job)
    const beforeW = jobs.unsureW[job]!
    eachDeviation(state, placement, beforeW, (feeder, watts) => {
      offW[feeder] = offW[feeder]! + offGrowthW(state, feeder, watts, watts * (afterW / beforeW))
    })
    add(state, placement, beforeW, -1, unknown)
    add(state, placement, afterW, 1, unknown)
    add(state, placement, movedW, 1, offVariance)
    if (capW === PAUSED_W || afterW === 0) continue
    held.push({ placement, afterW, slackW: capW - deviceDrawW(state, job, pool, capW) })
  }
  const none = new Float64Array(count)
  const ahead = { unknown, offVariance, offW, heldW: none, leftRatio: none.slice().fill(1) }
  return { ...ahead, ...heldBack(state, held, ahead) }
}

/** A job that moves: how far a device of it may be off then, and what its cap leaves for that. */
type Held = { readonly placement: Placement, readonly afterW: number, readonly slackW: number }

/**
 * What caps hold back. No device draws more than its cap, so of jobs that draw more than believed
 * a low cap takes most of that away, and leaves less in doubt: each has its part of what is off
 * (by its variance), and is off by a normal value that its cap holds.
 */
function heldBack(
  state: State, held: readonly Held[], ahead: DoubtAhead,
): Pick<DoubtAhead, 'heldW' | 'leftRatio'> {
  const heldW = new Float64Array(ahead.unknown.length)
  const leftRatio = new Float64Array(heldW.length).fill(1)
  for (const { placement, afterW, slackW } of held) {
    eachDevices(state, placement, (feeder, devices) => {
      const prior = priorOf(state, feeder) + ahead.unknown[feeder]!
      if (prior <= 0) return
      const part = devices * afterW * (devices * afterW / prior)
      const offW = biasW(state, feeder, ahead) * part / devices
      const { mean, variance } = heldNormal((slackW - offW) / afterW)
      heldW[feeder] = heldW[feeder]! - devices * afterW * mean
      leftRatio[feeder] = leftRatio[feeder]! - part * (1 - variance)
    })
  }
  return { heldW, leftRatio: leftRatio.map((ratio) => Math.max(0, ratio)) }
}

function add(
  state: State, placement: Placement, deviationW: number, sign: number,
  into: Float64Array): void {
  eachDeviation(state, placement, deviationW, (feeder, watts) => {
    into[feeder] = into[feeder]! + sign * watts * watts
  })
}
