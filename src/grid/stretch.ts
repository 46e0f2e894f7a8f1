import type { PowerTrace } from '../model/power-trace.ts'

/** A part of a trace without a gap. */
export type Stretch = {
  readonly atMs: Float64Array
  readonly valueW: Float64Array
}

/** How a trace was read. */
export type Sampling = {
  /** The usual time between two readings: their median. */
  readonly stepMs: number
  readonly stretches: readonly Stretch[]
  /** Times without readings, which no window is judged across. */
  readonly gaps: number
  readonly gapsMs: number
}

/** Finds the usual step of a trace and parts it at its gaps. Copies nothing. O(n log n) at most. */
export function samplingOf({ atMs, powerW }: PowerTrace): Sampling {
  const stepMs = medianStep(atMs)
  const gapMs = stepMs * GAP_STEPS
  const stretches: Stretch[] = []
  let gapsMs = 0
  let from = 0
  for (let at = 1; at <= atMs.length; at++) {
    const isEnd = at === atMs.length
    if (!isEnd && atMs[at]! - atMs[at - 1]! <= gapMs) continue
    if (!isEnd) gapsMs += atMs[at]! - atMs[at - 1]!
    stretches.push({ atMs: atMs.subarray(from, at), valueW: powerW.subarray(from, at) })
    from = at
  }
  return { stepMs, stretches, gaps: stretches.length - 1, gapsMs }
}

/** How long a stretch lasts, from its first reading to its last. */
export function lastsMs({ atMs }: Stretch): number {
  return atMs.at(-1)! - atMs[0]!
}

/**
 * The stretch with a reading each `stepMs`: itself where it has that already, else the straight
 * line between its readings. A filter needs even steps.
 */
export function evenly(stretch: Stretch, stepMs: number): Stretch {
  const { atMs } = stretch
  const startMs = atMs[0]!
  if (isEven(atMs, stepMs)) return stretch
  const count = Math.floor((atMs.at(-1)! - startMs) / stepMs) + 1
  const evenAtMs = new Float64Array(count)
  const evenW = new Float64Array(count)
  let before = 0
  for (let at = 0; at < count; at++) {
    const timeMs = startMs + at * stepMs
    while (before + 2 < atMs.length && atMs[before + 1]! <= timeMs) before++
    evenAtMs[at] = timeMs
    evenW[at] = valueBetween(stretch, before, timeMs)
  }
  return { atMs: evenAtMs, valueW: evenW }
}

/** The value at a time between the readings `before` and the one after it. */
export function valueBetween({ atMs, valueW }: Stretch, before: number, timeMs: number): number {
  const lowMs = atMs[before]!
  const low = valueW[before]!
  if (timeMs <= lowMs || before + 1 >= atMs.length) return low
  const share = (timeMs - lowMs) / (atMs[before + 1]! - lowMs)
  return low + (valueW[before + 1]! - low) * Math.min(1, share)
}

function isEven(atMs: Float64Array, stepMs: number): boolean {
  const startMs = atMs[0]!
  const slackMs = stepMs * EVEN_RATIO
  for (let at = 1; at < atMs.length; at++) {
    if (Math.abs(atMs[at]! - startMs - at * stepMs) > slackMs) return false
  }
  return true
}

/** The median step of up to some ten thousand steps spread over the trace. */
function medianStep(atMs: Float64Array): number {
  const stride = Math.max(1, Math.floor(atMs.length / MOST_STEPS))
  const steps: number[] = []
  for (let at = 1; at < atMs.length; at += stride) steps.push(atMs[at]! - atMs[at - 1]!)
  const sorted = Float64Array.from(steps).sort()
  return sorted[sorted.length >> 1] ?? 0
}

/** A reading that is late by a few steps is bridged; what is later is a gap. */
const GAP_STEPS = 10

/** Readings off their place by less are as good as even. */
const EVEN_RATIO = 0.02

const MOST_STEPS = 20_000
