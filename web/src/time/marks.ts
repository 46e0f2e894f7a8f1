import type { Marks } from '../../../src/api/client.ts'
import { countText, dateText, powerText } from '../format.ts'
import { t } from '../texts.svelte.ts'

/** A time that a bar shows, and what was asked for it. */
export type MarkedTime =
  { readonly fromMs: number, readonly untilMs: number, readonly marks: Marks }

/** Something that lasts: where it is on the bar, in shares of its length. */
export type Span = {
  readonly left: number
  readonly width: number
  /** What the grid asks for looks other than what the plant allows. */
  readonly isGrid: boolean
  readonly isAhead: boolean
  readonly text: string
}

/** Nodes that went down together: where, and how high their tick is, both 0 to 1. */
export type Tick = { readonly at: number, readonly width: number, readonly height: number }

/** A moment that the bar can go to, with its words. */
export type Stop = { readonly atMs: number, readonly text: string }

/** So many of the worst failures can be gone to. */
const FAILURES_MOST = 5

export function spansOf({ limits }: Marks, fromMs: number, untilMs: number, nowMs: number): Span[] {
  const place = (ms: number) => Math.max(0, Math.min(1, (ms - fromMs) / (untilMs - fromMs)))
  return limits.flatMap((each) => {
    const startMs = each.startAt === null ? fromMs : Date.parse(each.startAt)
    const endMs = each.endAt === null ? untilMs : Date.parse(each.endAt)
    if (startMs >= untilMs || endMs <= fromMs) return []
    const left = place(startMs)
    return [{ left, width: place(endMs) - left, isGrid: each.kind === 'target',
      isAhead: startMs > nowMs, text: textOf(each) }]
  })
}

/** Ticks on a bar from `fromMs` to `untilMs`, of a time that may have been asked for earlier. */
export function ticksOf(marked: MarkedTime, fromMs: number, untilMs: number): Tick[] {
  const { wentDown } = marked.marks
  const most = Math.max(1, ...wentDown)
  const part = (marked.untilMs - marked.fromMs) / wentDown.length
  return wentDown.flatMap((count, at) => count === 0 ? [] : [{
    at: (marked.fromMs + at * part - fromMs) / (untilMs - fromMs),
    width: part / (untilMs - fromMs),
    // By the root, so that a single node is seen beside a row.
    height: Math.sqrt(count / most),
  }]).filter(({ at, width }) => at >= 0 && at + width <= 1)
}

/** Moments of limits and of the worst failures, in the order of time. */
export function stopsOf(marked: MarkedTime, nowMs: number): Stop[] {
  const { limits, wentDown } = marked.marks
  const part = (marked.untilMs - marked.fromMs) / wentDown.length
  const failures = wentDown.map((count, at) => ({ count, atMs: marked.fromMs + (at + 1) * part }))
    .filter(({ count, atMs }) => count > 0 && atMs <= nowMs)
    .sort((a, b) => b.count - a.count || b.atMs - a.atMs).slice(0, FAILURES_MOST)
    .map(({ count, atMs }) => ({ atMs,
      text: `╵ ${dateText(atMs)} · ${t('marks.down', { count: countText(count) })}` }))
  const starts = limits.filter(({ startAt }) => startAt !== null).map((each) => ({
    // A second later it holds: the bar goes to a moment and not to its edge.
    atMs: Date.parse(each.startAt!) + 1000,
    text: `${each.kind === 'target' ? '▨' : '▬'} ${dateText(each.startAt!)} · ${textOf(each)}`,
  })).filter(({ atMs }) => atMs >= marked.fromMs && atMs <= marked.untilMs)
  return [...failures, ...starts].sort((a, b) => a.atMs - b.atMs)
}

function textOf({ kind, cause, feeder, watts, endAt }: Marks['limits'][number]): string {
  return t(endAt === null ? 'marks.limit-ever' : 'marks.limit', {
    what: cause === '' ? t(`limit.${kind}`) : cause, feeder, watts: powerText(watts),
    until: endAt === null ? '' : dateText(endAt) })
}
