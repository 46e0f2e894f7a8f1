import { fromHours, fromMinutes } from '../base/units.ts'
import { NEVER_MS } from '../core/windows.ts'
import type { LimitCourse } from '../model/index.ts'
import type { SupplyMix } from '../supply/mix.ts'

/** Watts from a moment on, until the next step; the last one holds until more is known. */
export type LimitStep = { readonly fromMs: number, readonly watts: number }

export type LimitBasis = {
  /** The plant's own limit of the site: never more. */
  readonly plantW: number
  /** Granted at the site's root now. */
  readonly grantW: number
  /** Within that time what is not there can be shed: what comes sooner counts as there. */
  readonly graceMs: number
}

/** Beginnings of the steps that are looked at, from now. The last holds for an hour, and on. */
const SLOTS_MS = [0, 5, 10, 15, 20, 30, 45, 60].map(fromMinutes)

/** So long a store may stand in for units that still start: the interval of settlement. */
const BRIDGE_MS = fromMinutes(15)

/** Limits are told in such parts of the plant's, so that not each watt is news. */
const PARTS = 50

/**
 * What a site may be granted from now on, by what its supplies can give. Flows count as they can be
 * there: on, starting or started by then, by their ramps, less the largest unit on an island. A
 * store bridges a quarter of an hour for anything; later only what is granted already, as long as
 * its energy lasts if the draw stays. For that quarter the reserve, too, holds what is
 * granted: that is what it is for. O(slots x supplies x units).
 */
export function limitsAhead(mix: SupplyMix, basis: LimitBasis): LimitStep[] {
  const { plantW, grantW, graceMs } = basis
  const { nowMs, demandW } = mix
  const store = mix.storedNow()
  let leftWms = store.wattMs
  const steps: LimitStep[] = []
  for (let slot = 0; slot < SLOTS_MS.length; slot++) {
    const fromMs = nowMs + SLOTS_MS[slot]!
    const spanMs = slot + 1 < SLOTS_MS.length ? SLOTS_MS[slot + 1]! - SLOTS_MS[slot]! : fromHours(1)
    const soonMs = Math.max(fromMs, nowMs + graceMs)
    const flowsW = mix.flowsW(soonMs, spanMs)
    const runningW = mix.flowsW(soonMs, spanMs, false)
    const storeW = Math.min(store.dischargeW, leftWms / Math.max(BRIDGE_MS, spanMs))
    const isBridge = SLOTS_MS[slot]! < BRIDGE_MS
    const heldW = Math.min(grantW, (isBridge ? runningW : flowsW) + storeW)
    const watts = Math.max(isBridge ? flowsW + storeW : flowsW, heldW)
    steps.push({ fromMs, watts: toldW(Math.min(plantW, watts), basis) })
    leftWms = Math.max(0, leftWms - Math.min(storeW, Math.max(0, demandW - runningW)) * spanMs)
  }
  return steps
}

/** Down to a whole part of the plant's limit, but not below what is granted and can be held. */
function toldW(watts: number, { plantW, grantW }: LimitBasis): number {
  if (watts >= plantW) return plantW
  const part = Math.max(1, Math.floor(plantW / PARTS))
  const down = Math.floor(watts / part) * part
  return grantW <= watts ? Math.max(down, grantW) : down
}

/**
 * Whether what was told must be told anew: it allows more than there is before the next look, or
 * hides a fall, or holds back what is there. Rises are told at once only where `isWanted`.
 */
export function isStale(
  toldAtW: (atMs: number) => number, steps: readonly LimitStep[], plantW: number,
  isWanted: boolean,
): boolean {
  const nowMs = steps[0]!.fromMs
  const nowW = steps[0]!.watts
  const rise = isWanted ? 1 : plantW / RISE_PARTS
  for (const { fromMs, watts } of steps) {
    const before = toldAtW(fromMs)
    if (watts < before && (fromMs === nowMs || watts < nowW)) return true
    if (watts - before >= rise) return true
  }
  return false
}

/** A rise that nobody waits for is told from a tenth of the plant's limit on. */
const RISE_PARTS = 10

/**
 * The steps as rows of limits, of which the least in force holds. A row begins as early as it can
 * without a change, so that what only rises begins now and is no fall to prepare for.
 */
export function coursesOf(
  steps: readonly LimitStep[], feeder: number, plantW: number): LimitCourse[] {
  const kept = steps.filter(({ watts }, at) => at === 0 || watts !== steps[at - 1]!.watts)
  return kept.flatMap(({ watts }, at) => {
    if (watts >= plantW) return []
    let first = at
    while (first > 0 && kept[first - 1]!.watts <= watts) first--
    const startAtMs = kept[first]!.fromMs
    const endAtMs = kept[at + 1]?.fromMs ?? NEVER_MS
    return [{ feeder, kind: 'limit', watts, fromW: watts, startAtMs, holdAtMs: startAtMs,
      holdEndAtMs: endAtMs, endAtMs, cause: 'supplies' }]
  })
}
