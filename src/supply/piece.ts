import { joulesOf, usdOf } from '../base/units.ts'
import type { Balance } from './balance.ts'
import { fallWPerMs, limitW, riseWPerMs, type FlowState } from './flow-state.ts'
import type { Moment } from './moment.ts'
import {
  boundAfterMs, chargeW, dischargeW, hasEnergy, hasRoom, SHORTEST_MS, type StoreState,
} from './store-state.ts'

/** A mix as it is between two decisions. */
export type MixState = {
  nowMs: number
  demandW: number
  moment: Moment
  readonly flows: readonly FlowState[]
  readonly stores: readonly StoreState[]
  readonly balance: Balance
  /** Changes of elastic flows against their ramp: the largest at once, and all together. */
  steepestW: number
  beyondRampW: number
  /** When it decides next; what the draw may come to; where known limits begin and end, rising. */
  nextStepMs: number
  mayDrawW: number
  edgesMs: readonly number[]
  /** How long each contract has called in the year of the run in which it called last. */
  called: readonly Called[]
  /** What trips by itself later; units that are lost know by themselves when they come back. */
  outages: readonly Outage[]
  lostStores: readonly { readonly index: number, readonly untilMs: number }[]
}

type Called = { readonly supply: number, readonly year: number, readonly calledMs: number }

/** What happens to a supply by itself, at a moment; units lost come back after it. */
type Outage = {
  readonly index: number
  readonly fromMs: number
  readonly untilMs: number
  readonly units: number
}

/**
 * One piece of time in which all is linear, at most to `toMs`: flows go towards their targets,
 * stores take the difference, and what they cannot take an elastic flow does, against its ramp.
 * The rest is not served, or is surplus. Exact but for rounding. O(flows + stores).
 */
export function runPiece(state: MixState, toMs: number): void {
  const { flows, stores, nowMs } = state
  const rates = new Float64Array(flows.length)
  let endMs = plan(state, toMs, rates)
  let load = state.demandW
  let slope = 0
  for (let at = 0; at < flows.length; at++) {
    load -= flows[at]!.outputW
    slope -= rates[at]!
  }
  const mostW = dischargeW(stores)
  const leastW = -chargeW(stores)
  if (load > mostW + TINY_W) load -= jump(state, load - mostW)
  else if (load < leastW - TINY_W) load -= jump(state, load - leastW)
  const isBeyond = slope > 0 ? load >= mostW - TINY_W : slope < 0 && load <= leastW + TINY_W
  const leanMs = isBeyond ? lean(state, slope, rates) : undefined
  if (leanMs !== undefined) {
    endMs = Math.min(endMs, leanMs)
    slope = 0
  }
  endMs = cornerMs(nowMs, endMs, load, slope, [0, mostW, leastW])
  const clamped = Math.max(leastW, Math.min(mostW, load))
  const middle = load + slope * (endMs - nowMs) / 2
  const storeSlope = middle >= leastW && middle <= mostW ? slope : 0
  // A crossing of zero that is nearer than the shortest piece counts as over.
  const isGiving = clamped + storeSlope * (endMs - nowMs) / 2 > 0
  if (clamped !== 0 || storeSlope !== 0) {
    const boundMs = boundAfterMs(stores, clamped, storeSlope, isGiving)
    endMs = Math.min(endMs, nowMs + Math.max(SHORTEST_MS, boundMs))
  }
  endMs = Math.min(toMs, Math.max(endMs, nowMs + SHORTEST_MS))
  const spanMs = endMs - nowMs
  noteRates(state, rates, spanMs)
  moveFlows(state, rates, spanMs)
  const storesWms = (clamped + storeSlope * spanMs / 2) * spanMs
  moveStores(state, storesWms, isGiving)
  account(state, (load + slope * spanMs / 2) * spanMs - storesWms, spanMs)
  state.nowMs = endMs
}

function account({ balance, demandW }: MixState, restWms: number, spanMs: number): void {
  balance.interval.demandWms += demandW * spanMs
  if (restWms > 0) balance.interval.unservedWms += restWms
  else balance.interval.surplusWms -= restWms
}

/** Whether an elastic flow goes faster than its ramp in this piece. */
function noteRates(state: MixState, rates: Float64Array, spanMs: number): void {
  for (let at = 0; at < rates.length; at++) {
    const one = state.flows[at]!
    if (!one.flow.isElastic || rates[at] === 0) continue
    const ramp = rates[at]! > 0 ? riseWPerMs(one) : fallWPerMs(one)
    const beyond = (Math.abs(rates[at]!) - ramp) * spanMs
    if (beyond > TINY_W) noteBeyond(state, beyond)
  }
}

/** Below it a difference of watts is rounding. */
const TINY_W = 1e-3

/** Sets the rates of the flows; returns when the first of them has a corner. */
function plan(state: MixState, toMs: number, rates: Float64Array): number {
  const { nowMs, flows } = state
  let endMs = toMs
  for (let at = 0; at < flows.length; at++) {
    const flow = flows[at]!
    const most = limitW(flow, nowMs)
    // A call in force, or units that are gone, bind at once.
    if (flow.outputW > most) dropTo(state, flow, most)
    const target = Math.min(flow.targetW, most)
    const way = target - flow.outputW
    const restMs = way === 0 ? 0 : Math.abs(way) / flow.speedWPerMs
    if (restMs <= SHORTEST_MS) flow.outputW = target
    else {
      rates[at] = way > 0 ? flow.speedWPerMs : -flow.speedWPerMs
      endMs = Math.min(endMs, nowMs + restMs)
    }
    for (const ceiling of flow.ceilings) {
      if (ceiling.fromMs <= nowMs) continue
      endMs = Math.min(endMs, meet(flow, ceiling.fromMs, ceiling.limitW, nowMs, rates, at))
    }
  }
  return endMs
}

/**
 * A flow goes down in time for a call: by its ramp along the line that ends at the limit. Returns
 * when it meets that line; on it the rate becomes that of the line.
 */
function meet(
  state: FlowState, fromMs: number, ceilingW: number, nowMs: number, rates: Float64Array,
  at: number,
): number {
  const fall = fallWPerMs(state)
  if (fall === Infinity || fall === 0) return fromMs
  const aboveW = ceilingW + fall * (fromMs - nowMs) - state.outputW
  if (aboveW <= fall * SHORTEST_MS) {
    if (state.outputW > ceilingW) rates[at] = -fall
    return fromMs
  }
  const closing = rates[at]! + fall
  return closing <= 0 ? fromMs : Math.min(fromMs, nowMs + aboveW / closing)
}

function dropTo(state: MixState, flow: FlowState, watts: number): void {
  const by = flow.outputW - watts
  if (flow.flow.isElastic && by > TINY_W && flow.flow.fallWPerMs !== Infinity) {
    noteBeyond(state, by)
  }
  flow.outputW = watts
}

/** Elastic flows give so many watts more (or less, below 0) at once; returns what they did. */
function jump(state: MixState, byW: number): number {
  let left = byW
  for (const one of state.flows) {
    if (!one.flow.isElastic) continue
    const most = limitW(one, state.nowMs)
    const next = Math.max(0, Math.min(most, one.outputW + left))
    const moved = next - one.outputW
    if (moved === 0) continue
    left -= moved
    one.outputW = next
    const isHeld = (moved > 0 ? one.flow.riseWPerMs : one.flow.fallWPerMs) === Infinity
    if (!isHeld) noteBeyond(state, Math.abs(moved))
  }
  return byW - left
}

function noteBeyond(state: MixState, watts: number): void {
  state.steepestW = Math.max(state.steepestW, watts)
  state.beyondRampW += watts
}

/** The first elastic flow with room takes a slope; returns until when it can, if one does. */
function lean(state: MixState, slope: number, rates: Float64Array): number | undefined {
  for (let at = 0; at < rates.length; at++) {
    const one = state.flows[at]!
    if (!one.flow.isElastic) continue
    const room = slope > 0 ? limitW(one, state.nowMs) - one.outputW : one.outputW
    const rate = rates[at]! + slope
    if (room <= TINY_W) continue
    rates[at] = rate
    return rate === 0 || rate > 0 !== slope > 0 ? Infinity : state.nowMs + room / Math.abs(rate)
  }
  return undefined
}

/** The first moment, not too near, at which a load crosses one of the levels. */
function cornerMs(
  nowMs: number, endMs: number, load: number, slope: number, levels: readonly number[],
): number {
  let first = endMs
  if (slope === 0) return first
  for (const level of levels) {
    const ms = (level - load) / slope
    if (ms > SHORTEST_MS) first = Math.min(first, nowMs + ms)
  }
  return first
}

function moveFlows(
  { flows, balance, moment }: MixState, rates: Float64Array, spanMs: number): void {
  const { totals, interval } = balance
  for (let at = 0; at < flows.length; at++) {
    const one = flows[at]!
    const first = one.outputW
    const rate = rates[at]!
    if (first === 0 && rate === 0) continue
    let last = first + rate * spanMs
    if (Math.abs(last - one.targetW) <= TINY_W) last = one.targetW
    const wattMs = rate === 0 ? first * spanMs : (first + rate * spanMs / 2) * spanMs
    const squareMs = (first * first + first * last + last * last) / 3 * spanMs
    const onW = one.on * one.unitW
    one.outputW = Math.max(0, last)
    interval.flowsWms[at] = interval.flowsWms[at]! + wattMs
    totals.fuelJ[at] = totals.fuelJ[at]! + one.flow.fuelJ(wattMs, squareMs, onW)
    totals.usd[at] = totals.usd[at]! + one.flow.usd(wattMs, squareMs, onW, moment)
  }
}

/** Stores share an energy by their ratings; above 0 they give it. */
function moveStores({ flows, stores, balance }: MixState, wattMs: number, isGiving: boolean): void {
  if (wattMs === 0) return
  const { interval, totals } = balance
  const all = isGiving ? dischargeW(stores) : chargeW(stores)
  // Who takes part is asked before anything moves.
  const part = stores.map((one) => isGiving ? hasEnergy(one) : hasRoom(one))
  stores.forEach((one, at) => {
    if (!part[at]!) return
    const { store } = one
    const own = (isGiving ? wattMs * store.dischargeW : -wattMs * store.chargeW) / all
    const moved = isGiving ? own / store.keptRatio : own * store.keptRatio
    one.storedWms += isGiving ? -moved : moved
    interval.lossesWms += isGiving ? moved - own : own - moved
    const sums = isGiving ? interval.givenWms : interval.takenWms
    sums[at] = sums[at]! + own
    if (!isGiving) return
    totals.usd[flows.length + at] = totals.usd[flows.length + at]!
      + usdOf(joulesOf(own), store.usdPerMwh)
  })
}
