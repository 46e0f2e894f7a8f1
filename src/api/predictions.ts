import { drawRunMs, openRuns } from '../core/belief.ts'
import type { State } from '../core/state.ts'
import { PHASE, type Event } from '../model/index.ts'
import type { DurableBatch } from '../run/live/controller.ts'

/** Ends and starts that are remembered, and jobs in the middle of theirs. */
const KEPT_MOST = 2000
const OPEN_MOST = 50_000

/** Each start costs three looks at a histogram; a batch may hold thousands. */
const STARTS_MOST = 200

type Expected = { readonly startAtMs: number, readonly p10Ms: number, readonly p50Ms: number,
  readonly p90Ms: number }

/** A run against what was believed of it, or a start against what was reserved for it. */
type Came = { readonly expectedMs: number, readonly cameMs: number, readonly isWithin: boolean }

/** How far off what was expected was, of those that came to an end. */
export type Errors = {
  readonly count: number
  /** Half of them were off by no more than this. */
  readonly medianMs: number
  /** Half of them by no more than this share of what was expected. */
  readonly medianRatio: number
  /** More than 0: they came later than expected, as a rule. */
  readonly biasMs: number
  /** Share that came between the 10th and the 90th percentile: 0.8 where they are right. */
  readonly withinRatio: number
}

/**
 * Measures what was expected against what came: of each run the believed time at its start, which
 * looks ahead use, and of each reservation its start. Jobs whose run was cut short do not count.
 */
export class Predictions {
  private readonly open = new Map<number, Expected>()
  private readonly reserved = new Map<number, { readonly madeMs: number, readonly atMs: number }>()
  private readonly runs: Came[] = []
  private readonly starts: Came[] = []

  /**
   * Follows a batch; the state is as it is after it. `numberAt` tells which job a row was at an
   * event of it. O(jobs) where something started.
   */
  take(state: State, { events }: Pick<DurableBatch, 'events'>,
    numberAt: (row: number, index: number) => number | undefined): void {
    const { jobs } = state.tables
    let openNow: Uint32Array | undefined
    let looked = 0
    events.forEach(({ event, atMs }, index) => {
      if (!('job' in event)) return
      const number = numberAt(event.job, index)
      if (number === undefined) return
      this.note(event, atMs, number)
      if (event.type !== 'job.started' || looked >= STARTS_MOST) return
      // Those that are over again, or whose row has another job, tell nothing.
      if (jobs.phase[event.job]! < PHASE.starting || jobs.number[event.job] !== number) return
      looked++
      openNow ??= openRuns(state)
      const believed = (ratio: number) => drawRunMs(state, event.job, ratio, openNow!)
      keep(this.open, number, {
        startAtMs: atMs, p10Ms: believed(0.1), p50Ms: believed(0.5), p90Ms: believed(0.9) })
    })
  }

  /** Of runs, against the median that was believed at the start. */
  ofRuns(): Errors {
    return errorsOf(this.runs)
  }

  /** Of starts, against the last reservation. */
  ofStarts(): Errors {
    return errorsOf(this.starts)
  }

  private note(event: Event & { readonly job: number }, atMs: number, number: number): void {
    switch (event.type) {
      case 'job.reserved': return keep(this.reserved, number, {
        madeMs: atMs, atMs: event.startAtMs })
      case 'job.started': {
        const told = this.reserved.get(number)
        this.reserved.delete(number)
        this.open.delete(number)
        if (told === undefined) return
        return add(this.starts, { expectedMs: told.atMs - told.madeMs, cameMs: atMs - told.madeMs,
          isWithin: atMs <= told.atMs })
      }
      case 'job.ended': {
        const told = this.open.get(number)
        this.open.delete(number)
        this.reserved.delete(number)
        if (told === undefined || event.outcome === 'cancelled') return
        const cameMs = atMs - told.startAtMs
        return add(this.runs, { expectedMs: told.p50Ms, cameMs,
          isWithin: cameMs >= told.p10Ms && cameMs <= told.p90Ms })
      }
      case 'job.preempted': case 'job.interrupted': case 'job.requeued':
        this.open.delete(number)
        return
      default: return
    }
  }
}

function keep<Value>(map: Map<number, Value>, number: number, value: Value): void {
  map.delete(number)
  map.set(number, value)
  if (map.size > OPEN_MOST) map.delete(map.keys().next().value!)
}

function add(list: Came[], came: Came): void {
  list.push(came)
  if (list.length > KEPT_MOST) list.shift()
}

function errorsOf(list: readonly Came[]): Errors {
  const median = (of: (each: Came) => number) =>
    list.map(of).sort((a, b) => a - b)[list.length >> 1] ?? 0
  const offMs = ({ expectedMs, cameMs }: Came) => cameMs - expectedMs
  return {
    count: list.length,
    medianMs: Math.round(median((each) => Math.abs(offMs(each)))),
    medianRatio: median((each) => Math.abs(offMs(each)) / Math.max(1, each.expectedMs)),
    biasMs: Math.round(median(offMs)),
    withinRatio: list.length === 0 ? 0
      : list.filter(({ isWithin }) => isWithin).length / list.length,
  }
}
