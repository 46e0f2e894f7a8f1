import { formatFrequency, periodMs, readingMsFor } from '../base/units.ts'
import type { BandLimit } from '../model/rule.ts'
import { BreachCount } from './breaches.ts'
import { bandPass } from './filter.ts'
import { longEnough, notJudged, partOf, tooCoarse, type Judged, type Part } from './part.ts'
import { strongestTone } from './spectrum.ts'
import { evenly, type Sampling, type Stretch } from './stretch.ts'
import { rollingSwing } from './window.ts'

/** The swing of a band, peak to peak, within each period of its lowest frequency. */
export function bandPart(limit: BandLimit, judged: Judged): Part {
  const { fromHz, toHz } = limit
  const windowMs = periodMs(fromHz)
  const words = {
    part: `swing at ${bandWords(fromHz, toHz)}`,
    unit: 'W' as const,
    limit: leastOf(limit.swingW, limit.peakRatio, judged.peakW),
  }
  const stretches = longEnough(judged.sampling, windowMs)
  if (typeof stretches === 'string') return notJudged(words, stretches)
  const coarse = tooCoarseFor(toHz, judged.sampling)
  return filteredPart({ words, fromHz, toHz, windowMs, stretches, coarse }, judged)
}

type Filtered = {
  readonly words: Pick<Part, 'part' | 'unit' | 'limit'>
  readonly fromHz: number
  readonly toHz: number
  readonly windowMs: number
  readonly stretches: readonly Stretch[]
  readonly coarse: string
}

/** The swing within every rolling window of what a filter lets through. */
export function filteredPart(
  { words, fromHz, toHz, windowMs, stretches, coarse }: Filtered, { sampling }: Judged): Part {
  const { stepMs } = sampling
  // Readings that show nothing of the band are too coarse even to fail.
  const blind = fromHz > 0 ? tooCoarseFor(fromHz, sampling) : ''
  if (blind !== '') return notJudged(words, coarse || blind)
  const count = new BreachCount(words.limit, windowMs, 1)
  const passed = stretches.map((stretch) => {
    const even = evenly(stretch, stepMs)
    const band = { atMs: even.atMs, valueW: bandPass(even.valueW, stepMs, fromHz, toHz) }
    rollingSwing(band, windowMs, count.take)
    return band
  })
  const breaches = count.result()
  const { worstAtMs } = breaches
  const around = passed.find(({ atMs }) => atMs[0]! <= worstAtMs && worstAtMs <= atMs.at(-1)!)
  if (around === undefined) return partOf(words, breaches, coarse)
  const middle = Math.round((worstAtMs - around.atMs[0]!) / stepMs)
  return partOf(words, breaches, coarse,
    strongestTone(around.valueW, middle, stepMs, fromHz, toHz))
}

/** Why readings are too far apart for a frequency, or nothing. */
export function tooCoarseFor(toHz: number, sampling: Sampling): string {
  if (toHz === Infinity) return ''
  return tooCoarse(sampling, readingMsFor(toHz), `for ${formatFrequency(toHz)}`)
}

/** "0.1 to 55 Hz". */
export function bandWords(fromHz: number, toHz: number): string {
  if (toHz === Infinity) return `above ${formatFrequency(fromHz)}`
  return fromHz === 0 ? `up to ${formatFrequency(toHz)}` : `${fromHz} to ${formatFrequency(toHz)}`
}

/** The lesser of watts and a share of the peak; Infinity stands for a limit that is not set. */
export function leastOf(watts: number, ratio: number, peakW: number): number {
  return Math.min(watts, Number.isFinite(ratio) ? ratio * peakW : Infinity)
}
