import type { LiveClock } from '../run/live/clock.ts'

/** Last moment that a date can hold. */
const DATE_MOST_MS = 8.64e15

/** Ends of jobs without an end, and limits that hold for ever, have no date. */
const YEAR_MOST_MS = Date.UTC(9999, 11, 31)

/** A date as RFC 3339; null where there is none or nobody will see it. */
export function dateText(dateMs: number): string | null {
  if (!(dateMs > 0 && dateMs <= Math.min(DATE_MOST_MS, YEAR_MOST_MS))) return null
  return new Date(dateMs).toISOString()
}

/** A moment of the run as RFC 3339. */
export function momentText(clock: LiveClock, runMs: number): string | null {
  return dateText(Math.round(clock.dateOf(runMs)))
}

/** The factory's clock now; a text even where its date is not known yet. */
export function nowText(clock: LiveClock): string {
  return new Date(Math.max(0, Math.round(clock.dateOf(clock.nowMs())))).toISOString()
}

/** A moment that somebody wrote, in whole ms of the run, not before its start. */
export function momentOf(clock: LiveClock, text: string): number {
  return Math.max(0, Math.round(clock.runOf(Date.parse(text))))
}
