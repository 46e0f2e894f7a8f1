import { cheapestUnits, meritOrder, offerOf, shareOut, type Offer } from './dispatch.ts'
import {
  boundUnits, ceilingW, fallWPerMs, limitW, riseWPerMs, usableUnits, type FlowState,
} from './flow-state.ts'
import { momentAt, type Conditions } from './moment.ts'
import type { MixState } from './piece.ts'

/** What a decision knows of the time ahead. */
export type Control = {
  readonly conditions: Conditions
  readonly stepMs: number
  readonly hasReserve: boolean
  readonly needAt: (atMs: number) => number
  /** Whether the need ahead is that of now, so that only known limits matter. */
  readonly isFlat: boolean
}

/**
 * Units of each flow to have on: the most that is cheapest at any moment until a unit ordered now
 * would have started and risen. O(moments x offers^3).
 */
export function wantedUnits(state: MixState, control: Control): Int32Array {
  const { flows, nowMs } = state
  const wanted = new Int32Array(flows.length)
  const leadMs = flows.map((one) => leadOf(one, control.stepMs))
  const lastMs = nowMs + leadMs.reduce((most, one) => Math.max(most, one), 0)
  for (const atMs of momentsAhead(flows, nowMs, lastMs, control)) {
    const moment = atMs === nowMs ? state.moment : momentAt(control.conditions, atMs)
    const offers = flows.map((one) => {
      const units = one.flow.startMs === 0 ? one.on : usableUnits(one, atMs)
      // A grid that may only rise slowly does not yet give what it could.
      const risen = one.flow.startMs > 0 ? Infinity
        : one.outputW + riseWPerMs(one) * (atMs + control.stepMs - nowMs)
      const most = Math.min(units * one.flow.unitW(moment), ceilingW(one, atMs), risen)
      return offerOf(one.flow, units, most, moment)
    })
    const units = cheapestUnits(control.needAt(atMs), offers, control.hasReserve, moment)
    for (let at = 0; at < flows.length; at++) {
      if (atMs <= nowMs + leadMs[at]!) wanted[at] = Math.max(wanted[at]!, units[at]!)
    }
  }
  return wanted
}

/** From the order to start until a unit gives all it can, and a step to find out. */
function leadOf({ flow, unitW }: FlowState, stepMs: number): number {
  if (flow.startMs === 0) return 0
  return flow.startMs + unitW / flow.riseWPerMs + stepMs
}

/** Now, each known limit that begins until then, and each step where the need is not flat. */
function momentsAhead(
  flows: readonly FlowState[], nowMs: number, lastMs: number, { isFlat, stepMs }: Control,
): readonly number[] {
  const moments = [nowMs]
  for (const { ceilings } of flows) {
    for (const { fromMs } of ceilings) {
      if (fromMs > nowMs && fromMs <= lastMs) moments.push(fromMs)
    }
  }
  if (!isFlat) for (let atMs = nowMs + stepMs; atMs <= lastMs; atMs += stepMs) moments.push(atMs)
  return moments
}

/**
 * Sets where each flow goes until the next decision: the cheapest share that its ramp can reach.
 * Where the need is met already and only passes from one to another, all arrive together, so that
 * the sum stays what it is. O(flows).
 */
export function setTargets(
  state: MixState, wanted: Int32Array, needW: number, stepMs: number): void {
  const { flows, nowMs, moment } = state
  const leastW = new Float64Array(flows.length)
  const mostW = new Float64Array(flows.length)
  const soonestW = new Float64Array(flows.length)
  let givenW = 0
  let soonerW = 0
  const offers: Offer[] = flows.map((one, at) => {
    const { flow, on, outputW, unitW } = one
    givenW += outputW
    // Units that must stay on, and those that are leaving: they give way by their ramp.
    const stays = flow.startMs === 0 ? on
      : Math.min(on, Math.max(wanted[at]!, boundUnits(one, nowMs)))
    const rise = flow.riseWPerMs === Infinity || stepMs === Infinity ? Infinity
      : outputW + riseWPerMs(one) * stepMs
    const fall = flow.fallWPerMs === Infinity || stepMs === Infinity ? 0
      : Math.max(0, outputW - fallWPerMs(one) * stepMs)
    const limit = limitW(one, nowMs)
    mostW[at] = Math.max(Math.min(stays * unitW, limit, rise), Math.min(fall, limit))
    soonestW[at] = Math.min(mostW[at]!, soonW(one, nowMs, stepMs))
    soonerW += soonestW[at]!
    leastW[at] = Math.min(mostW[at]!, Math.max(stays * unitW * flow.leastRatio, fall))
    return offerOf(flow, stays, mostW[at]!, moment)
  })
  const watts = new Float64Array(flows.length)
  // A call gives way early only where the others can take its place.
  const isSoon = soonerW >= needW
  if (isSoon) leastW.forEach((least, at) => { leastW[at] = Math.min(least, soonestW[at]!) })
  shareOut(needW, meritOrder(offers), leastW, isSoon ? soonestW : mostW, watts)
  const isPassing = Math.abs(needW - givenW) < PASSING_W
  let longestMs = 0
  flows.forEach((one, at) => {
    one.targetW = watts[at]!
    const way = one.targetW - one.outputW
    one.speedWPerMs = way > 0 ? riseWPerMs(one) : fallWPerMs(one)
    if (way !== 0) longestMs = Math.max(longestMs, Math.abs(way) / one.speedWPerMs)
  })
  if (!isPassing || longestMs === 0) return
  for (const one of flows) one.speedWPerMs = Math.abs(one.targetW - one.outputW) / longestMs
}

/** A difference below it is rounding: nothing is missing. */
const PASSING_W = 1

/** What a call that is known leaves at the end of the step, for a flow that goes by its ramp. */
function soonW(one: FlowState, nowMs: number, stepMs: number): number {
  let least = Infinity
  const fall = fallWPerMs(one)
  for (const { fromMs, limitW: watts } of one.ceilings) {
    if (fromMs <= nowMs || stepMs === Infinity) continue
    const leftMs = fromMs - (nowMs + stepMs)
    least = Math.min(least, leftMs <= 0 ? watts : watts + fall * leftMs)
  }
  return least
}
