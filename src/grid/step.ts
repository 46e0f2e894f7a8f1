import { formatDuration } from '../base/units.ts'
import type { StepLimit } from '../model/rule.ts'
import { bandWords, filteredPart, leastOf, tooCoarseFor } from './band.ts'
import { BreachCount } from './breaches.ts'
import { longEnough, notJudged, partOf, tooCoarse, type Judged, type Part } from './part.ts'
import { rollingSwing } from './window.ts'

/** The change within every rolling window, peak to peak, of what the rule's filter lets through. */
export function stepPart(limit: StepLimit, judged: Judged): Part {
  const { windowMs, fromHz, toHz } = limit
  const { sampling, peakW } = judged
  const most = leastOf(limit.changeW, limit.peakRatio, peakW)
  const isFiltered = fromHz > 0 || toHz < Infinity
  const band = isFiltered ? `, ${bandWords(fromHz, toHz)}` : ''
  const words = {
    part: `change within ${formatDuration(windowMs)}${band}`, unit: 'W' as const, limit: most,
  }
  const stretches = longEnough(sampling, windowMs)
  if (typeof stretches === 'string') return notJudged(words, stretches)
  const coarse = tooCoarse(sampling, windowMs / 2, `for a window of ${formatDuration(windowMs)}`)
    || tooCoarseFor(toHz, sampling)
  if (isFiltered) return filteredPart({ words, fromHz, toHz, windowMs, stretches, coarse }, judged)
  const count = new BreachCount(most, windowMs, 1)
  for (const stretch of stretches) rollingSwing(stretch, windowMs, count.take)
  return partOf(words, count.result(), coarse)
}
