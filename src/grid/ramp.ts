import { Sample } from '../base/stats.ts'
import { formatDuration, formatRatio } from '../base/units.ts'
import type { RampLimit } from '../model/rule.ts'
import { BreachCount } from './breaches.ts'
import { longEnough, notJudged, partOf, tooCoarse, type Judged, type Part } from './part.ts'
import type { Stretch } from './stretch.ts'
import { rollingRamp } from './window.ts'

/** The mean ramp over every rolling window, or the quantile of all. */
export function rampPart(limit: RampLimit, { sampling, peakW }: Judged): Part {
  const { direction, windowMs, keptRatio } = limit
  const most = rampOfLimit(limit, peakW)
  const over = `over ${formatDuration(windowMs)}`
  const words = {
    part: direction === 'both' ? `${formatRatio(keptRatio)} of ramps ${over}`
      : `ramp ${direction} ${over}`,
    unit: 'W/min' as const,
    limit: most,
  }
  const stretches = longEnough(sampling, windowMs)
  if (typeof stretches === 'string') return notJudged(words, stretches)
  const coarse = tooCoarse(sampling, windowMs, `for a window of ${formatDuration(windowMs)}`)
  if (direction === 'both') return quantilePart(limit, words, stretches, coarse)
  const count = new BreachCount(most, windowMs, direction === 'up' ? 1 : -1)
  for (const stretch of stretches) rollingRamp(stretch, windowMs, count.take)
  return partOf(words, count.result(), coarse)
}

/** Watts a minute that a limit comes to for a peak: the lesser of its two. */
export function rampOfLimit({ rampWPerMin, peakRatioPerMin }: RampLimit, peakW: number): number {
  const shareW = Number.isFinite(peakRatioPerMin) ? peakRatioPerMin * peakW : Infinity
  return Math.min(rampWPerMin, shareW)
}

/** The ramp that the given share of all windows does not exceed. O(n log n). */
function quantilePart(
  { windowMs, keptRatio }: RampLimit, words: Pick<Part, 'part' | 'unit' | 'limit'>,
  stretches: readonly Stretch[], coarse: string,
): Part {
  const count = new BreachCount(words.limit, windowMs, 0)
  const sample = new Sample()
  for (const stretch of stretches) {
    rollingRamp(stretch, windowMs, (value, endMs, stepMs) => {
      sample.add(Math.abs(value))
      count.take(value, endMs, stepMs)
    })
  }
  const breaches = count.result()
  const worst = sample.quantile(keptRatio)
  const hasFailed = breaches.windows - breaches.over < keptRatio * breaches.windows
  const part = partOf(words, { ...breaches, worst }, coarse)
  const share = formatRatio(breaches.over / Math.max(1, breaches.windows))
  return {
    ...part,
    verdict: hasFailed ? 'failed' : coarse === '' ? 'passed' : 'not judged',
    note: coarse === '' ? `${share} of the windows are above it` : coarse,
  }
}
