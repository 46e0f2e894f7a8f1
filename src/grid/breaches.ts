import type { Take } from './window.ts'

/** How often a limit was broken, for how long, and where it was worst. */
export type Breaches = {
  readonly windows: number
  /** The value furthest beyond the limit, or nearest to it. */
  readonly worst: number
  readonly worstAtMs: number
  readonly firstAtMs: number
  /** Breaches less than a window apart are one. */
  readonly times: number
  readonly lastsMs: number
  readonly over: number
}

/** Counts what goes beyond a limit; `sign` is -1 where falling is counted, 0 for both ways. */
export class BreachCount {
  private readonly limit: number
  private readonly sign: number
  private readonly windowMs: number
  private windows = 0
  private worst = -Infinity
  private worstAtMs = 0
  private firstAtMs = 0
  private lastAtMs = -Infinity
  private times = 0
  private lastsMs = 0
  private over = 0

  constructor(limit: number, windowMs: number, sign: -1 | 0 | 1) {
    // What is kept to the last watt must not fail by the last bit.
    this.limit = limit * (1 + 1e-6)
    this.windowMs = windowMs
    this.sign = sign
  }

  readonly take: Take = (signed, endMs, stepMs) => {
    const value = this.sign === 0 ? Math.abs(signed) : signed * this.sign
    this.windows++
    if (value > this.worst) {
      this.worst = value
      this.worstAtMs = endMs
    }
    if (value <= this.limit) return
    if (this.times === 0) this.firstAtMs = endMs
    if (endMs - this.lastAtMs > this.windowMs) this.times++
    this.lastAtMs = endMs
    this.lastsMs += stepMs
    this.over++
  }

  result(): Breaches {
    const { windows, worst, worstAtMs, firstAtMs, times, lastsMs, over } = this
    return { windows, worst: Math.max(0, worst), worstAtMs, firstAtMs, times, lastsMs, over }
  }
}
