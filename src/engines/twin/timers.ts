import { EventQueue } from '../../base/event-queue.ts'

const TIMER_KINDS = ['up', 'done', 'lost', 'fast', 'fault', 'detected', 'healthy'] as const
export type TimerKind = (typeof TIMER_KINDS)[number]

export type Timer = { kind: TimerKind, target: number, ticket: number }

/** What the twin will do, by time. A timer carries the ticket that it is valid for. */
export class Timers {
  private readonly queue = new EventQueue()
  private kinds = new Uint8Array(256)
  private targets = new Int32Array(256)
  private tickets = new Int32Array(256)
  private next = new Int32Array(256)
  private free = -1
  private rows = 0
  private readonly timer: Timer = { kind: 'up', target: 0, ticket: 0 }
  nowMs = 0

  nextAtMs(): number {
    return this.queue.peekAtMs()
  }

  push(atMs: number, kind: TimerKind, target: number, ticket: number): void {
    let row = this.free
    if (row >= 0) this.free = this.next[row]!
    else row = this.rows++
    if (row === this.kinds.length) this.grow()
    this.kinds[row] = TIMER_KINDS.indexOf(kind)
    this.targets[row] = target
    this.tickets[row] = ticket
    this.queue.push(atMs, row)
  }

  /** Takes the first timer. The object is used again by the next call. */
  pop(): Timer {
    this.nowMs = this.queue.peekAtMs()
    const row = this.queue.pop()
    this.timer.kind = TIMER_KINDS[this.kinds[row]!]!
    this.timer.target = this.targets[row]!
    this.timer.ticket = this.tickets[row]!
    this.next[row] = this.free
    this.free = row
    return this.timer
  }

  private grow(): void {
    const rows = this.kinds.length * 2
    const kinds = new Uint8Array(rows)
    kinds.set(this.kinds)
    this.kinds = kinds
    for (const name of ['targets', 'tickets', 'next'] as const) {
      const grown = new Int32Array(rows)
      grown.set(this[name])
      this[name] = grown
    }
  }
}
