import { fromHours } from '../base/units.ts'
import { inForceAt } from '../model/time-series.ts'
import { fallWPerMs, riseWPerMs } from './flow-state.ts'
import type { Conditions } from './moment.ts'
import type { MixState } from './piece.ts'
import { chargeW, dischargeW } from './store-state.ts'

/**
 * Watts that the stores should take now, below 0: give. First the reserve: both ways they must be
 * able to take a step of `crashW` while the flows follow by their ramps, which is step^2 / (2 ramp)
 * of energy (docs/supplies.md). Only what then is left follows the price. O(flows + stores).
 */
export function storeWishW(
  state: MixState, conditions: Conditions, crashW: number, stepMs: number): number {
  const { lowWms, highWms, heldWms, keptRatio, rise, fall } = reserveBand(state, crashW)
  const aboveWms = Math.max(0, heldWms - lowWms)
  const belowWms = Math.max(0, highWms - heldWms)
  const price = arbitrage(state, conditions, aboveWms, belowWms, keptRatio)
  const wish = Math.max(-heldBackW(aboveWms * keptRatio, rise, stepMs),
    Math.min(heldBackW(belowWms / keptRatio, fall, stepMs), price))
  // Back into the band within an hour, a guess, or faster where the price wants it too.
  const hour = fromHours(1)
  if (heldWms < lowWms) {
    return Math.max(wish, Math.min(chargeW(state.stores), (lowWms - heldWms) / keptRatio / hour))
  }
  if (heldWms > highWms) {
    const back = (heldWms - highWms) * keptRatio / hour
    return Math.min(wish, -Math.min(dischargeW(state.stores), back))
  }
  return wish
}

/** Watts for a step that, with the ramp back to none after it, move no more than an energy. */
function heldBackW(energyWms: number, rampWPerMs: number, stepMs: number): number {
  return energyWms === 0 ? 0 : Math.min(energyWms / 2 / stepMs, Math.sqrt(energyWms * rampWPerMs))
}

/** What all stores hold, and between which two it should stay. */
function reserveBand({ flows, stores }: MixState, crashW: number): {
  readonly lowWms: number, readonly highWms: number, readonly heldWms: number,
  readonly keptRatio: number, readonly rise: number, readonly fall: number,
} {
  let [leastWms, mostWms, heldWms, givesW, takesW, kept] = [0, 0, 0, 0, 0, 0]
  for (const { store, storedWms, isLost } of stores) {
    if (isLost) continue
    leastWms += store.leastWms + store.reserveWms
    mostWms += store.mostWms
    heldWms += storedWms
    givesW += store.dischargeW
    takesW += store.chargeW
    kept += store.keptRatio * store.dischargeW
  }
  let [rise, fall] = [0, 0]
  for (const one of flows) {
    rise += riseWPerMs(one)
    fall += fallWPerMs(one)
  }
  const keptRatio = givesW === 0 ? 1 : kept / givesW
  const span = Math.max(0, mostWms - leastWms)
  const lowWms = leastWms + Math.min(span, stepWms(Math.min(crashW, givesW), rise) / keptRatio)
  const highWms = mostWms - Math.min(span, stepWms(Math.min(crashW, takesW), fall) * keptRatio)
  // A store too small for both ways is kept where it can do as much of each.
  const middle = Math.max(leastWms, Math.min(mostWms, (lowWms + highWms) / 2))
  return lowWms <= highWms ? { lowWms, highWms, heldWms, keptRatio, rise, fall }
    : { lowWms: middle, highWms: middle, heldWms, keptRatio, rise, fall }
}

/** Energy that turns a step into a ramp: step^2 / (2 ramp). */
function stepWms(watts: number, rampWPerMs: number): number {
  if (watts === 0 || rampWPerMs === Infinity) return 0
  return rampWPerMs === 0 ? Infinity : watts * watts / (2 * rampWPerMs)
}

/**
 * Buys in the cheapest hours before the dearest of the day ahead, sells in the dearest, where the
 * difference pays for loss and wear. A rule of thumb: no plan over the whole day.
 */
function arbitrage(
  { nowMs, stores }: MixState, { usdPerMwh }: Conditions, aboveWms: number, belowWms: number,
  keptRatio: number,
): number {
  if (usdPerMwh === undefined || stores.length === 0) return 0
  const now = inForceAt(usdPerMwh, nowMs)
  const wear = Math.max(...stores.map(({ store }) => store.usdPerMwh))
  let [lowest, highest, cheaper, dearer] = [now, now, 0, 0]
  for (let hour = 1; hour < HOURS_AHEAD; hour++) {
    const price = inForceAt(usdPerMwh, nowMs + fromHours(hour))
    if (price < now) cheaper++
    if (price > now) dearer++
    lowest = Math.min(lowest, price)
    highest = Math.max(highest, price)
  }
  const takesW = chargeW(stores)
  const givesW = dischargeW(stores)
  const back = keptRatio * keptRatio
  const hoursToFill = belowWms / keptRatio / takesW / fromHours(1)
  if (takesW > 0 && cheaper < hoursToFill && (highest - wear) * back > now) return takesW
  const hoursToEmpty = aboveWms * keptRatio / givesW / fromHours(1)
  return givesW > 0 && dearer < hoursToEmpty && (now - wear) * back > lowest ? -givesW : 0
}

/** Prices of the day ahead are known for about a day. */
const HOURS_AHEAD = 24
