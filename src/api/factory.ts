import { PHASE } from '../model/index.ts'
import type { State } from '../core/state.ts'
import type { Controller } from '../run/live/controller.ts'
import type { Book } from './book.ts'
import type { History } from './history.ts'
import type { Thinker } from './thinker.ts'
import type { Times } from './times.ts'

/** A factory of the server, with what reads of it need beside its state. */
export type Factory = {
  readonly controller: Controller
  readonly book: Pick<Book, keyof Book>
  readonly history: History
  readonly isDefault: boolean
  readonly index: JobIndex
  readonly counts: QueueCounts
  /** Answers questions that take milliseconds, so that none waits for those of minutes. */
  readonly quick: Thinker
  /** The factory at other times; without it this is the factory at one. */
  readonly times?: Times
  /** Moment of the run that it is shown at; without it, now. */
  readonly atMs?: number
}

/**
 * Says whether a read would differ from an earlier one: the count of events of the state, of which
 * opening of the journal, and how far the book of what has ended is.
 */
export function versionOf({ controller, book, atMs }: Factory): string {
  const { epoch } = controller.store.opened
  return `${epoch.toString(36)}-${controller.state().totals.events.toString(36)}-`
    + book.seq.toString(36) + (atMs === undefined ? '' : `-${atMs.toString(36)}`)
}

/** Jobs of the state by number, made anew when it has changed. O(jobs log jobs) then. */
export class JobIndex {
  private state: State | undefined
  private events = -1
  /** Numbers in order. */
  numbers: Float64Array = new Float64Array(0)
  private rows = new Map<number, number>()

  of(state: State): this {
    const { totals, tables } = state
    if (state === this.state && totals.events === this.events) return this
    const { phase, number } = tables.jobs
    const numbers = new Float64Array(totals.jobRows)
    this.rows = new Map()
    let count = 0
    for (let job = 0; job < totals.jobRows; job++) {
      if (phase[job] === PHASE.free) continue
      numbers[count++] = number[job]!
      this.rows.set(number[job]!, job)
    }
    this.numbers = numbers.subarray(0, count).sort()
    this.state = state
    this.events = totals.events
    return this
  }

  rowOf(number: number): number | undefined {
    return this.rows.get(number)
  }
}

type Count = { pending: number, running: number, waitingGpus: number }

/** How many jobs of each queue wait and run, made anew when the state has changed. O(jobs). */
export class QueueCounts {
  private state: State | undefined
  private events = -1
  private counts: readonly Count[] = []

  of(state: State): readonly Count[] {
    const { totals, tables, layout } = state
    if (state === this.state && totals.events === this.events) return this.counts
    const counts = layout.plant.queues.map(() => ({ pending: 0, running: 0, waitingGpus: 0 }))
    const { phase, queue, gpus } = tables.jobs
    for (let job = 0; job < totals.jobRows; job++) {
      if (phase[job] === PHASE.free) continue
      const count = counts[queue[job]!]!
      if (phase[job] === PHASE.pending) {
        count.pending++
        count.waitingGpus += gpus[job]!
      } else {
        count.running++
      }
    }
    this.state = state
    this.events = totals.events
    this.counts = counts
    return counts
  }
}

/** First number that is larger, by halving. */
export function firstAbove(numbers: Float64Array, number: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[middle]! > number) high = middle
    else low = middle + 1
  }
  return low
}
