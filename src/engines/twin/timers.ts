import { EventQueue } from '../../base/event-queue.ts'

/** What a timer is for. */
export const TIMER = {
  up: 0, done: 1, lost: 2, fast: 3, fault: 4, detected: 5, healthy: 6, cap: 7, measure: 8,
  lease: 9, meter: 10, reading: 11, happening: 12, saved: 13,
} as const
export type TimerKind = (typeof TIMER)[keyof typeof TIMER]

export type Timer = { kind: TimerKind, target: number, ticket: number }

/** Numbers of one timer, side by side: its kind, target and ticket, and the next free row. */
const ROW = 4
const KIND = 0
const TARGET = 1
const TICKET = 2
const NEXT = 3

/** What the twin will do, by time. A timer carries the ticket that it is valid for. */
export class Timers {
  private readonly queue = new EventQueue()
  private cells = new Int32Array(256 * ROW)
  private free = -1
  private rows = 0
  private readonly timer: Timer = { kind: TIMER.up, target: 0, ticket: 0 }
  nowMs = 0

  nextAtMs(): number {
    return this.queue.peekAtMs()
  }

  push(atMs: number, kind: TimerKind, target: number, ticket: number): void {
    let row = this.free
    if (row < 0) row = this.newRow()
    else this.free = this.cells[row * ROW + NEXT]!
    const { cells } = this
    cells[row * ROW + KIND] = kind
    cells[row * ROW + TARGET] = target
    cells[row * ROW + TICKET] = ticket
    this.queue.push(atMs, row)
  }

  /** Takes the first timer. The object is used again by the next call. */
  pop(): Timer {
    const { cells, timer } = this
    this.nowMs = this.queue.peekAtMs()
    const row = this.queue.pop()
    timer.kind = cells[row * ROW + KIND] as TimerKind
    timer.target = cells[row * ROW + TARGET]!
    timer.ticket = cells[row * ROW + TICKET]!
    cells[row * ROW + NEXT] = this.free
    this.free = row
    return timer
  }

  private newRow(): number {
    const row = this.rows++
    if (this.rows * ROW > this.cells.length) {
      const grown = new Int32Array(this.cells.length * 2)
      grown.set(this.cells)
      this.cells = grown
    }
    return row
  }
}
