/** What is free of one resource and what running jobs give back, which is never less later. */
export type Capacity = {
  /** Free at a time from now on, without what overdue runs hold. */
  readonly at: (atMs: number) => number
  /** The first time from now on at which as much is free; Infinity when it never is. */
  readonly reaching: (need: number) => number
  /** Held by runs over their expected time: they may end at any moment, or not for long. */
  readonly overdue: () => number
  /** Whether a start shows in it at once; else it stays as it was when it was made. */
  readonly isLive: boolean
}

/**
 * What will be free of one resource: what running jobs leave, less what is planned. Between two
 * planned times it only grows, so the least of such a piece is at its start and few numbers say
 * all: one piece for each start and end of a reservation, however many jobs run.
 */
export class Future {
  readonly capacity: Capacity
  private readonly nowMs: number
  /** Pieces: when each starts, what is taken in it, what is released at its start. */
  private readonly times: number[]
  private readonly taken: number[] = [0]
  private readonly released: number[]
  /** Least that is free from now to the start of each piece; as long as it is valid. */
  private readonly least: number[] = []
  /** Whatever starts before then counts as if it were held until then. */
  private heldUntilMs = -Infinity

  constructor(nowMs: number, capacity: Capacity) {
    this.nowMs = nowMs
    this.capacity = capacity
    this.times = [nowMs]
    this.released = [capacity.at(nowMs)]
  }

  /**
   * The first time from `fromMs` at which `need` is free for `runMs`; Infinity when it never is.
   * O(pieces), and one look at the capacity where one becomes possible within a piece.
   */
  earliest(need: number, runMs: number, fromMs: number): number {
    const { times, taken, released } = this
    let startMs = Infinity
    for (let at = this.pieceAt(fromMs); at < times.length; at++) {
      const pieceMs = Math.max(times[at]!, fromMs)
      const nextMs = times[at + 1] ?? Infinity
      const wanted = need + taken[at]!
      if (released[at]! >= wanted) {
        startMs = Math.min(startMs, pieceMs)
      } else {
        // Looking is dear, and in vain where even the next piece starts with too little.
        const isInVain = nextMs < Infinity && released[at + 1]! < wanted
        const reachedMs = isInVain ? Infinity : Math.max(pieceMs, this.capacity.reaching(wanted))
        startMs = reachedMs < nextMs ? reachedMs : Infinity
      }
      if (startMs < Infinity && nextMs >= this.endOf(startMs, startMs + runMs)) return startMs
    }
    return Infinity
  }

  /** Whether `need` is free from now to a time. O(log pieces), after a change O(pieces). */
  isFree(need: number, toMs: number): boolean {
    const { times, taken, released, least } = this
    for (let at = least.length; at < times.length; at++) {
      const here = released[at]! - taken[at]!
      least.push(at === 0 ? here : Math.min(here, least[at - 1]!))
    }
    // A piece that starts at the end does not count. Times are whole milliseconds.
    return least[this.pieceAt(this.endOf(this.nowMs, toMs) - 1)]! >= need
  }

  /** Whether `need` is free between two times, of which the first may lie ahead. O(pieces). */
  isFreeBetween(need: number, fromMs: number, toMs: number): boolean {
    if (fromMs <= this.nowMs) return this.isFree(need, toMs)
    const { times, taken, released } = this
    const endMs = this.endOf(fromMs, toMs)
    if (endMs <= fromMs) return true
    let at = this.pieceAt(fromMs)
    if (this.capacity.at(fromMs) < need + taken[at]!) return false
    for (at++; at < times.length && times[at]! < endMs; at++) {
      if (released[at]! < need + taken[at]!) return false
    }
    return true
  }

  /** When the runs give back an amount that is not free now. O(a look at the capacity). */
  givingBack(amount: number, isLenient: boolean): number {
    const { capacity, nowMs } = this
    const rest = isLenient ? amount - capacity.overdue() : amount
    return rest <= 0 ? nowMs : capacity.reaching(capacity.at(nowMs) + rest)
  }

  /** Plans to use an amount between two times. O(pieces). */
  take(amount: number, fromMs: number, toMs: number): void {
    const endMs = this.endOf(fromMs, toMs)
    if (endMs <= fromMs) return
    const first = this.cut(fromMs)
    const end = this.cut(endMs)
    for (let at = first; at < end; at++) this.taken[at] = this.taken[at]! + amount
    this.least.length = 0
  }

  /** A job has started that holds an amount from now to a time, and nothing was planned for it. */
  start(amount: number, toMs: number): void {
    if (!this.capacity.isLive) return this.take(amount, this.nowMs, toMs)
    const end = this.cut(toMs)
    for (let at = 0; at < end; at++) this.released[at] = this.released[at]! - amount
    this.least.length = 0
    this.keep(amount, this.nowMs, toMs)
  }

  /** The capacity have changed otherwise. O(pieces × a look). */
  refresh(): void {
    this.times.forEach((atMs, at) => { this.released[at] = this.capacity.at(atMs) })
    this.least.length = 0
  }

  /** From here on, what starts before a time counts as if it were held until then. */
  holdUntil(atMs: number): void {
    this.heldUntilMs = Math.max(this.heldUntilMs, atMs)
  }

  /** Counts an amount that a job gives back at `toMs` as held for as long as is held. */
  keep(amount: number, fromMs: number, toMs: number): void {
    const endMs = this.endOf(fromMs, toMs)
    if (endMs > toMs) this.take(amount, Math.max(this.nowMs, toMs), endMs)
  }

  private endOf(fromMs: number, toMs: number): number {
    return fromMs < this.heldUntilMs ? Math.max(toMs, this.heldUntilMs) : toMs
  }

  /** The piece that starts at a time, which is cut off from the one before where there is none. */
  private cut(atMs: number): number {
    const { times, taken, released } = this
    const at = this.pieceAt(atMs)
    if (times[at]! >= atMs) return at
    times.splice(at + 1, 0, atMs)
    taken.splice(at + 1, 0, taken[at]!)
    released.splice(at + 1, 0, this.capacity.at(atMs))
    this.least.length = Math.min(this.least.length, at + 1)
    return at + 1
  }

  /** The last piece that starts at or before a time; the first for times before it. */
  private pieceAt(atMs: number): number {
    const { times } = this
    let first = 0
    let end = times.length
    while (end - first > 1) {
      const middle = (first + end) >> 1
      if (times[middle]! <= atMs) first = middle
      else end = middle
    }
    return first
  }
}
