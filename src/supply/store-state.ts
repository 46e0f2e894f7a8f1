import type { Store } from './source.ts'

/** One battery as it is; energy in watt-milliseconds. */
export type StoreState = {
  readonly store: Store
  storedWms: number
  isLost: boolean
}

/** Whether it can give, or take, for longer than the shortest piece of time. */
export function hasEnergy({ store, storedWms, isLost }: StoreState): boolean {
  return !isLost && storedWms > store.leastWms + 2 * SHORTEST_MS * store.dischargeW
}

export function hasRoom({ store, storedWms, isLost }: StoreState): boolean {
  return !isLost && storedWms < store.mostWms - 2 * SHORTEST_MS * store.chargeW
}

/** Most watts that all can give now, and take now. O(stores). */
export function dischargeW(stores: readonly StoreState[]): number {
  let watts = 0
  for (const one of stores) if (hasEnergy(one)) watts += one.store.dischargeW
  return watts
}

export function chargeW(stores: readonly StoreState[]): number {
  let watts = 0
  for (const one of stores) if (hasRoom(one)) watts += one.store.chargeW
  return watts
}

/** Watts that all can give for so long, from what they hold now. O(stores). */
export function sustainedW(stores: readonly StoreState[], forMs: number): number {
  let watts = 0
  for (const { store, storedWms, isLost } of stores) {
    if (isLost) continue
    const energyWms = Math.max(0, storedWms - store.leastWms) * store.keptRatio
    watts += Math.min(store.dischargeW, energyWms / forMs)
  }
  return watts
}

/**
 * When the first of them is empty, or full, if they share a load that goes from `fromW` by
 * `slopeWPerMs` by their ratings; a load above 0 is discharged. Infinity for never. O(stores).
 */
export function boundAfterMs(
  stores: readonly StoreState[], fromW: number, slopeWPerMs: number, isGiving: boolean): number {
  const all = isGiving ? dischargeW(stores) : chargeW(stores)
  let first = Infinity
  for (const one of stores) {
    if (!(isGiving ? hasEnergy(one) : hasRoom(one))) continue
    const { store, storedWms } = one
    const share = (isGiving ? store.dischargeW : store.chargeW) / all
    const leftWms = isGiving ? (storedWms - store.leastWms) * store.keptRatio
      : (store.mostWms - storedWms) / store.keptRatio
    const sign = isGiving ? 1 : -1
    first = Math.min(first, timeOf(leftWms / share, sign * fromW, sign * slopeWPerMs))
  }
  return first
}

/** Time in which a power from `watts`, changing by `slope`, has moved an energy. */
function timeOf(energyWms: number, watts: number, slope: number): number {
  if (slope === 0) return watts > 0 ? energyWms / watts : Infinity
  const square = watts * watts + 2 * slope * energyWms
  if (square < 0) return Infinity
  // The first root of energy = watts t + slope t^2 / 2, in the form that loses no digits.
  const ms = 2 * energyWms / (watts + Math.sqrt(square))
  return ms >= 0 ? ms : Infinity
}

/**
 * Milliseconds that no piece of time falls below, unless the end is nearer: after some years a
 * double holds no finer ones.
 */
export const SHORTEST_MS = 1e-3
