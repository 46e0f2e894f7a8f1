import type { Factory } from './factory.ts'
import { momentText, nowText } from './moment.ts'
import type { Marks } from './schema-marks.ts'
import { limitsOf } from './view-history.ts'

/** More than these on one bar tell nobody anything. */
const LIMITS_MOST = 100

/** What happened or is to come between two moments of the run. O(limits + nodes that went down). */
export function marksOf(
  served: Factory, fromMs: number, untilMs: number, parts: number): Marks {
  const { controller: { clock }, history } = served
  const until = momentText(clock, untilMs)!
  const limits = limitsOf(served, () => true, fromMs)
    .map(({ limit, feeder, kind, watts, cause, startAt, endAt, clearedAt }) => ({
      limit, feeder, kind, watts, cause, startAt,
      endAt: clearedAt === null || (endAt !== null && endAt < clearedAt) ? endAt : clearedAt }))
    .filter(({ startAt }) => startAt === null || startAt < until)
    .sort((a, b) => (a.startAt ?? '') < (b.startAt ?? '') ? -1 : 1)
  return {
    at: nowText(clock), limits: limits.slice(-LIMITS_MOST),
    wentDown: countsOf(history.wentDown, fromMs, untilMs, parts),
  }
}

function countsOf(
  wentDown: readonly { readonly atMs: number, readonly nodes: number }[], fromMs: number,
  untilMs: number, parts: number): number[] {
  const counts = Array.from<number>({ length: parts }).fill(0)
  for (const { atMs, nodes } of wentDown) {
    const part = Math.floor((atMs - fromMs) / (untilMs - fromMs) * parts)
    if (part >= 0 && part < parts) counts[part]! += nodes
  }
  return counts
}
