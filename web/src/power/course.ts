import type { PowerHistory } from '../../../src/api/client.ts'

/** What a chart of power shows: series over one time axis in seconds, null where there is none. */
export type Values = (number | null)[]

/** A feeder's hours ahead, of /v1/ahead: times in ms of the run. */
export type PowerAhead = {
  readonly epochMs: number
  readonly stepMs: number
  readonly feeders: readonly { readonly moments: readonly AheadMoment[] }[]
}

type AheadMoment = {
  readonly atMs: number, readonly limitW: number | null, readonly targetW: number | null
  readonly grantW: number, readonly drawW: number, readonly drawSdW: number
  readonly floorW: number, readonly gpusPerMW: number
  /** At the root of a site that names supplies. */
  readonly supplied?: {
    readonly gridW: number, readonly generatorsW: number, readonly solarW: number
    readonly batteryW: number, readonly storedMWh: number | null
  } | null
}

export const PARTS = [
  'limit', 'target', 'grant', 'floor', 'high', 'low', 'draw', 'meter', 'price', 'ramp',
] as const
export type Part = (typeof PARTS)[number]

/** Each part as it was, and the same part as it is expected; null for nothing. */
export type Course<Name extends string = Part> = {
  readonly atS: number[]
  /** Samples before this one are of the past. */
  readonly firstAhead: number
  readonly past: Readonly<Record<Name, Values>>
  readonly ahead: Readonly<Record<Name, Values>>
}

/** Two standard deviations are nineteen of twenty moments, where swings are normal. */
const BAND = 2

/** Puts the past and the forecast of a feeder on one axis. O(samples). */
export function courseOf(history: PowerHistory, forecast: PowerAhead | undefined): Course {
  const { samples } = history
  const moments = forecast?.feeders[0]?.moments ?? []
  const lastMs = Date.parse(samples.at.at(-1) ?? history.at)
  const later = moments.map((moment) => ({ ...moment, atMs: forecast!.epochMs + moment.atMs }))
    .filter(({ atMs }) => atMs > lastMs)
  // The forecast begins where the past ends, so that there is no gap.
  const firstAhead = samples.at.length
  const count = firstAhead + later.length
  const empty = () => Object.fromEntries(PARTS.map((part) =>
    [part, Array.from<number | null>({ length: count }).fill(null)])) as Record<Part, Values>
  const past = empty()
  const ahead = empty()
  const atS = [...samples.at.map((at) => Date.parse(at) / 1000),
    ...later.map(({ atMs }) => atMs / 1000)]
  samples.at.forEach((_, at) => put(past, at, {
    limitW: samples.limitW[at]!, targetW: samples.targetW[at]!, grantW: samples.grantW[at]!,
    floorW: samples.floorW[at]!, drawW: samples.drawW[at]!, sdW: samples.sdW[at]!,
    meterW: samples.meterW[at]!, gpusPerMW: samples.gpusPerMW[at]!,
  }))
  if (firstAhead > 0 && later.length > 0) {
    const joint = firstAhead - 1
    for (const part of PARTS) {
      if (part !== 'meter') ahead[part][joint] = past[part][joint] ?? null
    }
  }
  later.forEach((moment, at) => put(ahead, firstAhead + at, {
    ...moment, sdW: moment.drawSdW, meterW: null }))
  rampsOf(atS, past, 1, firstAhead)
  rampsOf(atS, ahead, firstAhead, count)
  return { atS, firstAhead, past, ahead }
}

type Sample = Readonly<Record<
  'limitW' | 'targetW' | 'grantW' | 'floorW' | 'drawW' | 'sdW' | 'meterW' | 'gpusPerMW',
  number | null>>

function put(to: Record<Part, Values>, at: number, sample: Sample): void {
  const { drawW, sdW } = sample
  to.limit[at] = sample.limitW
  to.target[at] = sample.targetW
  to.grant[at] = sample.grantW
  to.floor[at] = sample.floorW
  to.draw[at] = drawW
  to.high[at] = drawW === null || sdW === null ? null : drawW + BAND * sdW
  to.low[at] = drawW === null || sdW === null ? null : Math.max(0, drawW - BAND * sdW)
  to.meter[at] = sample.meterW
  to.price[at] = sample.gpusPerMW
}

/** Watts a minute by which the expected draw changed since the sample before. */
function rampsOf(atS: readonly number[], of: Record<Part, Values>, from: number, to: number): void {
  for (let at = Math.max(1, from); at < to; at++) {
    const before = of.draw[at - 1] ?? null
    const now = of.draw[at] ?? null
    const minutes = (atS[at]! - atS[at - 1]!) / 60
    if (before !== null && now !== null && minutes > 0) of.ramp[at] = (now - before) / minutes
  }
}

/** Of a part at a moment: as it was, else as it is expected. */
export function valueAt<Name extends string>(
  { past, ahead }: Course<Name>, part: Name, at: number): number | null {
  return past[part][at] ?? ahead[part][at] ?? null
}
