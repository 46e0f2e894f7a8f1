import type { Event, JobSubmitted, OwnedSpec, Outcome } from '../model/index.ts'
import { PHASE } from '../model/index.ts'
import type { Controller, DurableBatch } from '../run/live/controller.ts'
import { eventsOf } from './blocks.ts'

/** A job that came since the book begins: what it asked for, and what became of it. */
export type Told = {
  readonly submitted: JobSubmitted
  readonly submitAtMs: number
  startAtMs: number
  starts: number
  endAtMs: number
  outcome: Outcome | undefined
}

type Stay = { readonly number: number, readonly seq: number, readonly index: number }

/** So many ended jobs are remembered: some megabytes. */
const ENDED_MOST = 10_000

/** A start reads so many blocks back, a second or so. */
const BLOCKS_BACK = 50_000
const BLOCKS_AT_ONCE = 64

/** Owners of so many jobs are kept; what is older is asked of the store again. */
const OWNERS_MOST = 100_000

export type Listener = (batch: DurableBatch) => void

/** Told of each block in order, old ones that the book begins with as well. */
export type Follower = (block: Pick<DurableBatch, 'seq' | 'events'>) => void

/**
 * Follows the journal of a factory block by block: which job a row was at any event, since events
 * name rows and rows are used again; and what became of jobs that the state has forgotten.
 */
export class Book {
  /** Last block that was read; what came before the first one is not known. */
  seq: number
  private readonly controller: Controller
  private readonly stays = new Map<number, Stay[]>()
  private readonly jobs = new Map<number, Told>()
  private readonly ended: number[] = []
  private readonly causes = new Map<number, string>()
  private readonly specs = new Map<number, OwnedSpec | undefined>()
  private readonly listeners = new Set<Listener>()
  private readonly followers: Follower[] = []
  private readonly stop: () => void
  private isClosed = false
  private isReading = false
  /** Resolves when what was there at the start has been read. */
  readonly ready: Promise<void>

  constructor(controller: Controller) {
    this.controller = controller
    this.seq = Math.max(0, controller.store.opened.lastSeq - BLOCKS_BACK)
    this.stop = controller.onBatch((batch) => this.take(batch))
    this.ready = this.catchUp()
  }

  /** Told of each batch after the book has it. Returns what ends it. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Told of each block that the book has read, as long as the book is open. */
  follow(follower: Follower): void {
    this.followers.push(follower)
  }

  /** Number of the job that had a row at an event; undefined where the book does not go back. */
  numberAt(row: number, seq: number, index: number): number | undefined {
    return this.stays.get(row)?.findLast((stay) =>
      stay.seq < seq || (stay.seq === seq && stay.index <= index))?.number
  }

  /** Where a job was submitted; the beginning where that is longer ago than the book knows. */
  submittedAt(number: number): { readonly seq: number, readonly index: number } {
    const row = this.jobs.get(number)?.submitted.job
    const stay = this.stays.get(row ?? -1)?.find((each) => each.number === number)
    return stay === undefined ? { seq: 0, index: -1 } : { seq: stay.seq, index: stay.index }
  }

  told(number: number): Told | undefined {
    return this.jobs.get(number)
  }

  /** Numbers of jobs that ended of late, the last one last. */
  endedNumbers(): readonly number[] {
    return this.ended
  }

  /** Why a limit was set, as far as the book goes back. */
  causeOf(limit: number): string {
    return this.causes.get(limit) ?? ''
  }

  /** Whose job it is and what it runs; undefined for jobs of a trace. */
  async specOf(number: number): Promise<OwnedSpec | undefined> {
    if (this.specs.has(number)) return this.specs.get(number)
    const spec = await this.controller.store.specOf(number)
    if (this.specs.size >= OWNERS_MOST) this.specs.clear()
    this.specs.set(number, spec)
    return spec
  }

  close(): void {
    this.isClosed = true
    this.stop()
    this.listeners.clear()
    this.followers.length = 0
  }

  private take(batch: DurableBatch): void {
    // What is missing comes in order from the store, and this one with it.
    if (batch.seq === this.seq + 1) this.read(batch)
    else if (batch.seq > this.seq && !this.isReading) void this.catchUp()
    for (const listener of this.listeners) listener(batch)
  }

  private async catchUp(): Promise<void> {
    this.isReading = true
    while (!this.isClosed) {
      const blocks = await this.controller.store.blocksAfter(this.seq, BLOCKS_AT_ONCE)
      if (blocks.length === 0) break
      for (const block of blocks) {
        // A batch may have been heard of meanwhile.
        if (block.seq > this.seq) this.read({ ...block, ...eventsOf(block) })
      }
      // Requests go between: a store in this process may answer without a pause.
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.isReading = false
    this.takeRest()
  }

  /** Rows of jobs that came before the book begins: they have had them all the time. */
  private takeRest(): void {
    const { tables, totals } = this.controller.state()
    for (let row = 0; row < totals.jobRows; row++) {
      if (tables.jobs.phase[row] === PHASE.free || this.stays.has(row)) continue
      this.stays.set(row, [{ number: tables.jobs.number[row]!, seq: 0, index: 0 }])
    }
  }

  private read(block: Pick<DurableBatch, 'seq' | 'events'>): void {
    const { seq, events } = block
    events.forEach(({ event, atMs }, index) => this.note(event, atMs, seq, index))
    this.seq = seq
    for (const follower of this.followers) follower(block)
  }

  private note(event: Event, atMs: number, seq: number, index: number): void {
    switch (event.type) {
      case 'job.submitted': return this.begin(event, atMs, seq, index)
      case 'job.started': {
        const told = this.jobs.get(this.numberAt(event.job, seq, index) ?? 0)
        if (told === undefined) return
        told.startAtMs = atMs
        told.starts++
        return
      }
      case 'job.ended': return this.end(event, atMs, seq, index)
      case 'limit.set':
        this.causes.set(event.limit, event.cause)
        return
      default: return
    }
  }

  private begin(submitted: JobSubmitted, submitAtMs: number, seq: number, index: number): void {
    const { job, number } = submitted
    const stay = { number, seq, index }
    const stays = this.stays.get(job)
    if (stays === undefined) this.stays.set(job, [stay])
    else stays.push(stay)
    this.jobs.set(number, {
      submitted, submitAtMs, startAtMs: -1, starts: 0, endAtMs: -1, outcome: undefined,
    })
  }

  private end(
    event: Extract<Event, { type: 'job.ended' }>, atMs: number, seq: number, index: number): void {
    const number = this.numberAt(event.job, seq, index)
    const told = this.jobs.get(number ?? 0)
    if (told === undefined) return
    told.endAtMs = atMs
    told.outcome = event.outcome
    this.ended.push(number!)
    if (this.ended.length > ENDED_MOST) this.forget(this.ended.shift()!)
  }

  private forget(number: number): void {
    const row = this.jobs.get(number)!.submitted.job
    this.jobs.delete(number)
    this.specs.delete(number)
    const left = this.stays.get(row)!.filter((stay) => stay.number !== number)
    if (left.length === 0) this.stays.delete(row)
    else this.stays.set(row, left)
  }
}
