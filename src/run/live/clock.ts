import { fromSeconds } from '../../base/units.ts'

/**
 * The clock of a live factory. The run's time never goes back and never jumps while it is run: it
 * follows the monotonic clock, `pace` times as fast. Its moments have a date, that of its moment 0
 * and so many milliseconds on: on a pace other than 1 a made-up one. Where somebody sets the wall
 * clock, only that date changes.
 */
export type LiveClock = {
  readonly pace: number
  /** Milliseconds of the run. */
  readonly nowMs: () => number
  /** Milliseconds since 1970 of a moment of the run, and the other way round. */
  readonly dateOf: (runMs: number) => number
  readonly runOf: (dateMs: number) => number
  /** Real milliseconds until that moment of the run; 0 where it is past. */
  readonly untilMs: (runMs: number) => number
  /** The date of moment 0, where it is not known yet or the wall clock was set since. */
  readonly stepped: () => number | undefined
}

export type Clocks = { readonly wallMs: () => number, readonly monotonicMs: () => number }

/** What drifts less is not a step: clocks are slewed by as much. */
const STEP_MS = fromSeconds(2)

/**
 * Goes on after `fromMs` of the run. `epochMs` is the date of its moment 0, 0 where there is none
 * yet. At pace 1 the time in which nobody ran it has passed too, as far as the wall clock knows.
 */
export function liveClock(
  fromMs: number, epochMs: number, pace: number, clocks: Clocks): LiveClock {
  const startMs = clocks.monotonicMs()
  const isWall = pace === 1 && epochMs > 0
  const firstMs = Math.max(fromMs, isWall ? clocks.wallMs() - epochMs : 0)
  const nowMs = () => firstMs + (clocks.monotonicMs() - startMs) * pace
  let epoch = epochMs
  return {
    pace,
    nowMs,
    dateOf: (runMs) => epoch + runMs,
    runOf: (dateMs) => dateMs - epoch,
    untilMs: (runMs) => Math.max(0, (runMs - nowMs()) / pace),
    stepped: () => {
      const now = Math.round(clocks.wallMs() - nowMs())
      const isSet = epoch > 0 && (pace !== 1 || Math.abs(now - epoch) <= STEP_MS)
      if (isSet) return undefined
      epoch = now
      return now
    },
  }
}
