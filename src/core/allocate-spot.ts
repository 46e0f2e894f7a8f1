import type { PowerOptions } from './allocate-input.ts'

/** One job on its own: what is best for it at a cost, and where it can go from where it is. */

/** What a job pays for a watt of grant, and of draw, on each device. */
export type Spot = { readonly grantCost: number; readonly drawCost: number }

/** Value and draw at a whole-watt grant. O(points). */
export function spot(options: PowerOptions, grantW: number): { value: number; drawW: number } {
  const { grantW: points, drawW, value } = options
  let k = points.length - 1
  while (k > 0 && points[k]! > grantW) k--
  if (k === points.length - 1 || points[k] === grantW) return { value: value[k]!, drawW: drawW[k]! }
  const ratio = (grantW - points[k]!) / (points[k + 1]! - points[k]!)
  return {
    value: value[k]! + ratio * (value[k + 1]! - value[k]!),
    drawW: drawW[k]! + ratio * (drawW[k + 1]! - drawW[k]!),
  }
}

/** The point that is worth most after its cost, the highest of equals. O(points). */
export function bestOf(options: PowerOptions, at: Spot): { point: number; net: number } {
  let point = 0
  let net = -Infinity
  for (let k = 0; k < options.grantW.length; k++) {
    const now = netOf(options, k, at)
    if (now < net) continue
    net = now
    point = k
  }
  return { point, net }
}

/** A step is at the margin where a watt of it is worth this close to what it costs. */
const MARGIN = 0.03

/**
 * How far a job can go down and up at its margin: to the next point of its curve where a watt of
 * that step is worth almost what it costs, else nowhere. `off` is how far, as a part, the nearer
 * of the two is from its cost; Infinity where there is none. Never into a pause. O(points).
 */
export function marginOf(options: PowerOptions, grantW: number, at: Spot) {
  const { grantW: points } = options
  let k = points.length - 1
  while (k > 0 && points[k]! > grantW) k--
  const below = points[k]! < grantW ? k : k - 1
  const least = options.canPause ? 1 : 0
  const lowOff = below >= least ? offOf(options, below, at) : Infinity
  const highOff = k >= least && k + 1 < points.length ? offOf(options, k, at) : Infinity
  return {
    low: lowOff < MARGIN ? points[below]! : grantW,
    high: highOff < MARGIN ? points[k + 1]! : grantW,
    off: Math.min(lowOff, highOff),
    isNear: Math.min(lowOff, highOff) < MARGIN,
  }
}

function offOf(options: PowerOptions, low: number, at: Spot): number {
  const high = low + 1
  const cost = at.grantCost * (options.grantW[high]! - options.grantW[low]!)
    + at.drawCost * (options.drawW[high]! - options.drawW[low]!)
  if (cost <= 0) return Infinity
  return Math.abs((options.value[high]! - options.value[low]!) / cost - 1)
}

function netOf(options: PowerOptions, k: number, { grantCost, drawCost }: Spot): number {
  return options.value[k]! - grantCost * options.grantW[k]! - drawCost * options.drawW[k]!
}

/** A step of a curve that is worth so close to what it costs is worth the same. */
const TIED_RATIO = 0.01

/**
 * The points between which a job loses next to nothing at a cost of grants: from the one that is
 * worth most on over neighbours whose steps are worth what they cost, but for `offRatio`. Never
 * into a pause, nor out of it. O(points).
 */
export function bestSpan(
  options: PowerOptions, grantCost: number, offRatio = TIED_RATIO,
): { readonly best: number, readonly low: number, readonly high: number } {
  const at = { grantCost, drawCost: 0 }
  const best = bestOf(options, at).point
  const first = options.canPause ? 1 : 0
  let low = best
  while (low > first && offOf(options, low - 1, at) < offRatio) low--
  let high = best
  const last = best < first ? best : options.grantW.length - 1
  while (high < last && offOf(options, high, at) < offRatio) high++
  return { best, low, high }
}
