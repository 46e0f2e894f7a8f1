import type { State } from '../core/state.ts'
import type { Event, LimitCourse } from '../model/index.ts'
import type { Controller, DurableBatch } from '../run/live/controller.ts'
import type { Book } from './book.ts'
import { Predictions } from './predictions.ts'
import { Series } from './series.ts'

/** A limit over time as it was set, and when it was taken back; Infinity: it was not. */
export type PastLimit = {
  readonly limit: number
  readonly course: LimitCourse
  readonly setAtMs: number
  clearedAtMs: number
}

/** Nodes that went down together, by one cause. */
type WentDown = { readonly atMs: number, readonly nodes: number }

const LIMITS_MOST = 500
/** Some weeks of a factory of a million GPUs. */
const WENT_DOWN_MOST = 20_000
const COMMITS_MOST = 500

/**
 * What a factory's recent past was, for charts and for health, in bounded memory: series of power,
 * limits that were set, how long commits took, and how far off what was expected was. Series begin
 * with the server; limits and
 * failures come from the journal as far as the book goes back.
 */
export class History {
  readonly series: Series
  readonly predictions = new Predictions()
  readonly limits: PastLimit[] = []
  readonly wentDown: WentDown[] = []
  /** Milliseconds that the latest commits took, in no order. */
  readonly commitsMs: number[] = []
  /** Events that became durable since the server began to serve. */
  events = 0
  private commits = 0
  private readonly controller: Controller
  private readonly book: Book

  constructor(controller: Controller, book: Book) {
    this.controller = controller
    this.book = book
    const state = controller.state()
    this.series = new Series(state.layout)
    this.series.take(state, controller.store.opened.lastSeq)
    book.follow(({ events }) => {
      for (const { event, atMs } of events) this.note(event, atMs)
    })
    book.listen((batch) => this.take(controller.state(), batch))
  }

  private take(state: State, batch: DurableBatch): void {
    this.events += batch.events.length
    this.commitsMs[this.commits++ % COMMITS_MOST] = this.controller.health().commitMs
    this.series.take(state, batch.seq)
    this.predictions.take(state, batch, (row, index) => this.book.numberAt(row, batch.seq, index))
  }

  private note(event: Event, atMs: number): void {
    if (event.type === 'limit.cleared') {
      const found = this.limits.findLast(({ limit }) => limit === event.limit)
      if (found !== undefined) found.clearedAtMs = Math.min(found.clearedAtMs, atMs)
    }
    if (event.type === 'nodes.down') {
      this.wentDown.push({ atMs, nodes: event.end - event.first })
      if (this.wentDown.length > WENT_DOWN_MOST) this.wentDown.shift()
    }
    if (event.type !== 'limit.set') return
    const { limit, type: _, ...course } = event
    this.limits.push({ limit, course, setAtMs: atMs, clearedAtMs: Infinity })
    if (this.limits.length > LIMITS_MOST) this.limits.shift()
  }
}
