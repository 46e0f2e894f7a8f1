import { joulesOf, usdOf } from '../base/units.ts'
import type { Moment } from './moment.ts'
import type { Flow } from './source.ts'

/** What one flow could do in one moment. */
export type Offer = {
  readonly flow: Flow
  /** Units that could be on, and the most and least of one of them. */
  readonly units: number
  readonly unitW: number
  readonly leastW: number
  /** Most of all of them together: a call of the grid may lie below the units. */
  readonly mostW: number
  readonly usdPerMwh: number
  readonly moreUsdPerMwh: number
}

export function offerOf(flow: Flow, units: number, mostW: number, moment: Moment): Offer {
  const unitW = flow.unitW(moment)
  return { flow, units, unitW, leastW: unitW * flow.leastRatio, mostW,
    usdPerMwh: flow.usdPerMwh(moment), moreUsdPerMwh: flow.moreUsdPerMwh(moment) }
}

/**
 * Units to have on, by offer, so that a need is met at the least cost: as many as the merit order
 * takes, then one more or one less of each, or one of one for one of another, for as long as that
 * is cheaper. What is missing or too much costs more than any fuel. With a `reserve`, the units
 * that are on hold the need though the largest of them is lost. O(offers^3) a step.
 */
export function cheapestUnits(
  needW: number, offers: readonly Offer[], hasReserve: boolean, moment: Moment,
): Int32Array {
  const { units, isFree } = meritUnits(needW, offers)
  // Where what needs no start meets the need first, a unit more would only cost.
  if (isFree && !hasReserve) return units
  const order = meritOrder(offers)
  const cost = () => usdPerMs(needW, offers, order, units, hasReserve, moment)
  let best = cost()
  for (let step = 0; step < STEPS_MOST; step++) {
    const before = best
    for (let at = 0; at < offers.length; at++) {
      if (!isStarted(offers[at]!)) continue
      best = tried(offers, units, at, -1, best, cost)
      for (const by of [-1, 1]) best = tried(offers, units, at, by, best, cost)
      for (let other = 0; other < offers.length; other++) {
        if (other !== at && isStarted(offers[other]!)) {
          best = tried(offers, units, at, 1, best, () => {
            if (units[other] === 0) return Infinity
            units[other] = units[other]! - 1
            const usd = cost()
            if (usd >= best) units[other] = units[other]! + 1
            return usd
          })
        }
      }
    }
    if (best >= before) break
  }
  return units
}

/** Improvements after which the search ends; two are usual. */
const STEPS_MOST = 50

/** Changes one number of units; takes it back unless that is cheaper. Returns the better cost. */
function tried(
  offers: readonly Offer[], units: Int32Array, at: number, by: number, best: number,
  cost: () => number,
): number {
  const changed = units[at]! + by
  if (changed < 0 || changed > offers[at]!.units) return best
  units[at] = changed
  const usd = cost()
  if (usd < best) return usd
  units[at] = changed - by
  return best
}

/** Offers by what one more watt of what runs costs, then by their place in the file. */
export function meritOrder(offers: readonly Offer[]): readonly number[] {
  return orderBy(offers.map(({ moreUsdPerMwh }) => moreUsdPerMwh))
}

/** Few: sorted by insertion, which keeps the order of equals. */
function orderBy(prices: readonly number[]): number[] {
  const order: number[] = []
  for (let at = 0; at < prices.length; at++) {
    let place = order.length
    while (place > 0 && prices[order[place - 1]!]! > prices[at]!) place--
    order.splice(place, 0, at)
  }
  return order
}

/**
 * Watts by flow: each its least, then up to its most in merit order. Where the least are too much
 * together they stay, and the surplus shows; where the most are too little, the need is not met.
 */
export function shareOut(
  needW: number, order: readonly number[], leastW: ArrayLike<number>, mostW: ArrayLike<number>,
  wattsW: Float64Array,
): void {
  let rest = needW
  for (let at = 0; at < order.length; at++) rest -= leastW[at]!
  for (const at of order) {
    const more = Math.max(0, Math.min(rest, mostW[at]! - leastW[at]!))
    wattsW[at] = leastW[at]! + more
    rest -= more
  }
}

function isStarted(offer: Offer): boolean {
  return offer.flow.startMs > 0 || offer.leastW > 0
}

function meritUnits(
  needW: number, offers: readonly Offer[],
): { readonly units: Int32Array, readonly isFree: boolean } {
  const units = new Int32Array(offers.length)
  let rest = needW
  let started = 0
  for (const at of orderBy(offers.map(({ usdPerMwh }) => usdPerMwh))) {
    const { units: most, unitW, mostW } = offers[at]!
    const takenW = Math.max(0, Math.min(rest, mostW))
    units[at] = !isStarted(offers[at]!) ? most
      : unitW > 0 ? Math.min(most, Math.ceil(takenW / unitW)) : 0
    if (isStarted(offers[at]!)) started += units[at]!
    rest -= takenW
  }
  return { units, isFree: started === 0 && rest <= 0 }
}

/** USD a millisecond with so many units on, shared out in merit order. */
function usdPerMs(
  needW: number, offers: readonly Offer[], order: readonly number[], units: Int32Array,
  hasReserve: boolean, moment: Moment,
): number {
  let rest = needW
  let onW = 0
  let largestW = 0
  for (let at = 0; at < offers.length; at++) {
    const { leastW, unitW, mostW } = offers[at]!
    rest -= units[at]! * leastW
    onW += Math.min(mostW, units[at]! * unitW)
    if (units[at]! > 0 && unitW > largestW) largestW = unitW
  }
  let usd = rest < 0 ? usdOf(joulesOf(-rest), SURPLUS_USD_PER_MWH) : 0
  for (const at of order) {
    const { flow, leastW, unitW, mostW } = offers[at]!
    const runW = units[at]! * unitW
    const floorW = units[at]! * leastW
    const more = Math.max(0, Math.min(rest, Math.min(mostW, runW) - floorW))
    rest -= more
    const watts = floorW + more
    if (watts > 0) usd += flow.usd(watts, watts * watts, runW, moment)
  }
  if (rest > 0) usd += usdOf(joulesOf(rest), SHORT_USD_PER_MWH)
  const lackW = hasReserve ? needW + largestW - onW : 0
  return lackW > 0 ? usd + usdOf(joulesOf(lackW), RESERVE_USD_PER_MWH) : usd
}

/** Worse than any fuel, in this order: nothing in the plant is paid by them. */
const SHORT_USD_PER_MWH = 1e6
const RESERVE_USD_PER_MWH = 1e5
const SURPLUS_USD_PER_MWH = 1e4
