import { formatCount, formatDuration, formatRatio, toSeconds } from '../base/units.ts'

/** Where a run stands. */
export type ProgressState = {
  /** How much of the run is done, 0 to 1. */
  readonly ratio: number
  /** Simulated time. */
  readonly atMs: number
  readonly jobsRunning: number
  readonly jobsWaiting: number
  /** Events since the start. */
  readonly events: number
}

/** What is needed of a stream such as process.stderr. */
export type ProgressStream = {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export type ProgressOptions = {
  /** A clock of the wall that never goes back, in milliseconds: `() => performance.now()`. */
  readonly nowMs: () => number
  /** What a stream that is no terminal gets; silent where not said. */
  readonly elsewhere?: 'silent' | 'lines'
}

/** A person sees no more than ten pictures a second change for good. */
const REDRAW_MS = 100

/** A log that is read later needs a sign of life, not a film. */
const LINE_MS = 10_000

/** One line on stderr that says how far a run is. Owns that line until `finish`. */
export class Progress {
  private readonly stream: ProgressStream
  private readonly nowMs: () => number
  private readonly isTerminal: boolean
  private readonly everyMs: number
  private readonly startedAtMs: number
  private drawnAtMs: number
  private drawnEvents = 0
  private isShown = false

  constructor(stream: ProgressStream, options: ProgressOptions) {
    this.stream = stream
    this.nowMs = options.nowMs
    this.isTerminal = stream.isTTY === true
    const otherMs = options.elsewhere === 'lines' ? LINE_MS : Infinity
    this.everyMs = this.isTerminal ? REDRAW_MS : otherMs
    this.startedAtMs = options.nowMs()
    this.drawnAtMs = this.startedAtMs
  }

  /** Draws when it is time to. Reads the clock, so call it every thousand events or so. */
  update(state: ProgressState): void {
    const nowMs = this.nowMs()
    const sinceMs = nowMs - this.drawnAtMs
    if (sinceMs < this.everyMs) return
    const eventsPerSecond = (state.events - this.drawnEvents) / toSeconds(sinceMs)
    const text = progressText(state, eventsPerSecond, nowMs - this.startedAtMs)
    this.drawnAtMs = nowMs
    this.drawnEvents = state.events
    this.isShown = true
    if (!this.isTerminal) this.stream.write(`${text}\n`)
    else this.stream.write(`${CLEAR}${text.slice(0, Math.max(1, (this.stream.columns ?? 80) - 1))}`)
  }

  /** Clears the line, so that what comes next stands alone. */
  finish(): void {
    if (this.isTerminal && this.isShown) this.stream.write(CLEAR)
    this.isShown = false
  }
}

/** To the first column, and erase to the end of the line. */
const CLEAR = '\r\u001b[K'

/** " 42.0 %  12 d 14 h  running 1,204  waiting 88  1,200,000 events/s  about 6 s left". */
function progressText(
  state: ProgressState, eventsPerSecond: number, elapsedMs: number): string {
  const ratio = Math.min(1, Math.max(0, state.ratio))
  const left = ratio > 0
    ? `about ${formatDuration((elapsedMs * (1 - ratio)) / ratio)} left` : 'just begun'
  return [
    formatRatio(ratio).padStart(7), formatDuration(state.atMs),
    `running ${formatCount(state.jobsRunning)}`, `waiting ${formatCount(state.jobsWaiting)}`,
    `${formatCount(eventsPerSecond)} events/s`, left,
  ].join('  ')
}
