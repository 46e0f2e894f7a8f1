import { ByteWriter } from '../../journal/bytes.ts'
import { encodeRecord, encodeTurn, type Clock, type JournalRecord } from '../../journal/codec.ts'
import type { Audit, Batch } from '../../journal/store.ts'
import type { Event, OwnedSpec } from '../../model/index.ts'
import type { DurableBatch } from './controller.ts'
import type { Order } from './orders.ts'

/** What one turn of a live loop came to, until it is durable. */
export class OpenBatch {
  /** Orders to engines outside of this process: sent when the batch is durable. */
  readonly orders: Order[] = []
  readonly specs: { readonly number: number, readonly spec: OwnedSpec }[] = []
  readonly audits: Audit[] = []
  private readonly events: { readonly atMs: number, readonly event: Event }[] = []
  private readonly writer = new ByteWriter(4096)
  private readonly clock: Clock
  private readonly fromMs: number

  /** `fromMs`: the clock of the batch before. */
  constructor(fromMs: number) {
    this.fromMs = fromMs
    this.clock = { atMs: fromMs }
  }

  get isEmpty(): boolean {
    return this.writer.length === 0 && this.audits.length === 0
  }

  get records(): number {
    return this.events.length
  }

  append(record: JournalRecord): void {
    encodeRecord(record, this.writer, this.clock)
    if (record.type === 'turn' || record.type === 'round' || record.type === 'end') return
    this.events.push({ atMs: this.clock.atMs, event: record })
  }

  turn(atMs: number): void {
    encodeTurn(atMs, this.writer, this.clock)
  }

  toAppend(): Batch {
    const { fromMs, specs, audits, writer } = this
    return { fromMs, specs, audits, bytes: writer.bytes.subarray(0, writer.length) }
  }

  asDurable(seq: number): DurableBatch {
    return { seq, fromMs: this.fromMs, atMs: this.clock.atMs, events: this.events }
  }
}
