import type { ServerResponse } from 'node:http'
import { fromSeconds } from '../base/units.ts'
import type { DurableBatch } from '../run/live/controller.ts'
import { eventsOf } from './blocks.ts'
import type { Factory } from './factory.ts'
import { sentOf, type Sent } from './view-event.ts'

/** A stream of the events of one factory to one reader. */

export type Wanted = {
  /** The last event that the reader has: a block, and the place in it. */
  readonly seq: number
  readonly index: number
  readonly isWanted: (sent: Sent) => boolean
  /** Whether the reader may go on: its token may be taken away. */
  readonly isAllowed: () => boolean
}

/** So often something is sent, so that both sides notice when the other is gone. */
const BEAT_MS = fromSeconds(15)

/** What waits to be read of one reader at most: then it is cut off, and begins again. */
const WAITING_BYTES_MOST = 1_000_000

/** A reader that does not take what is left is gone. */
const GRACE_MS = fromSeconds(10)

const BLOCKS_AT_ONCE = 16

export class Stream {
  private readonly served: Factory
  private readonly response: ServerResponse
  private readonly wanted: Wanted
  private seq: number
  private index: number
  private isLive = false
  private isOver = false
  private readonly stop: () => void
  private readonly beat: NodeJS.Timeout

  constructor(served: Factory, response: ServerResponse, wanted: Wanted) {
    this.served = served
    this.response = response
    this.wanted = wanted
    this.seq = wanted.seq
    this.index = wanted.index
    this.stop = served.book.listen((batch) => this.hear(batch))
    this.beat = setInterval(() => this.keep(), BEAT_MS)
    response.once('close', () => this.end())
    response.write('retry: 1000\n\n')
    this.readOn()
  }

  /** Ends it in good order: the reader knows its last event and comes back with it. */
  cut(why: string): void {
    if (this.isOver) return
    const data = JSON.stringify({ why, lastId: this.lastId() })
    this.response.end(`event: millrace.cut\ndata: ${data}\n\n`)
    this.end()
    setTimeout(() => this.response.destroy(), GRACE_MS).unref()
  }

  private hear(batch: DurableBatch): void {
    if (!this.isLive || this.isOver) return
    if (batch.seq === this.seq + 1) this.send(batch, sentOf(this.served, batch))
    else if (batch.seq > this.seq) this.readOn()
  }

  /** Reads what the journal has, as fast as the reader takes it; then goes on live. */
  private readOn(): void {
    this.isLive = false
    void this.catchUp().catch((error: unknown) => this.cut(String(error)))
  }

  private async catchUp(): Promise<void> {
    const { book, controller } = this.served
    await book.ready
    // Of the block in which the reader stopped it may have a part.
    let after = this.index < 0 ? this.seq : this.seq - 1
    while (!this.isOver) {
      const blocks = await controller.store.blocksAfter(after, BLOCKS_AT_ONCE)
      if (blocks.length === 0) {
        if (after >= book.seq) break
        return this.tellGap(after, book.seq + 1)
      }
      for (const block of blocks) {
        if (block.seq > after + 1) return this.tellGap(after, block.seq)
        const batch = { ...block, ...eventsOf(block) }
        this.send(batch, sentOf(this.served, batch))
        after = block.seq
        if (!await this.drained()) return
      }
    }
    this.seq = Math.max(this.seq, after)
    this.isLive = true
  }

  /** What lay between is in the archive: whoever reads must read the state anew. */
  private tellGap(after: number, next: number): void {
    const data = JSON.stringify({ after, next,
      remedy: 'Read the state anew, then the events from now on.' })
    this.response.write(`event: millrace.gap\ndata: ${data}\n\n`)
    this.cut('events are missing')
  }

  private send({ seq }: Pick<DurableBatch, 'seq'>, events: readonly Sent[]): void {
    if (this.isOver) return
    const from = seq === this.seq ? this.index + 1 : 0
    let text = ''
    for (let at = from; at < events.length; at++) {
      const sent = events[at]!
      if (this.wanted.isWanted(sent)) text += sent.text
    }
    if (text !== '') this.response.write(text)
    this.seq = seq
    this.index = events.length - 1
    if (this.isLive && this.response.writableLength > WAITING_BYTES_MOST) {
      this.cut('it was not read fast enough')
    }
  }

  /** Waits until the reader took what was sent; false where it does not. */
  private async drained(): Promise<boolean> {
    if (!this.response.writableNeedDrain) return !this.isOver
    const isDrained = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), GRACE_MS)
      this.response.once('drain', () => {
        clearTimeout(timer)
        resolve(true)
      })
    })
    if (!isDrained) this.cut('it was not read fast enough')
    return isDrained && !this.isOver
  }

  private keep(): void {
    if (!this.wanted.isAllowed()) return this.cut('the token is void')
    // A reader of few events learns how far it is, so that it need not read them again.
    this.response.write(this.isLive ? `id: ${this.lastId()}\nevent: millrace.beat\ndata: {}\n\n`
      : ': reading\n\n')
  }

  private lastId(): string {
    return `${this.served.controller.name}-${this.seq}.${Math.max(0, this.index)}`
  }

  private end(): void {
    this.isOver = true
    clearInterval(this.beat)
    this.stop()
  }
}
