/** The most of what was within a while. Each value is looked at twice at most. */
export class WindowMost {
  /** Values up to a time, falling: what is lower and earlier than another is the most no more. */
  private readonly untilMs: number[] = []
  private readonly values: number[] = []
  private first = 0

  /** So much was up to a time, which is no earlier than those before. */
  add(untilMs: number, value: number): void {
    const { values } = this
    while (values.length > this.first && values.at(-1)! <= value) {
      values.pop()
      this.untilMs.pop()
    }
    this.untilMs.push(untilMs)
    values.push(value)
  }

  /** Forgets what ended by a time. */
  forget(byMs: number): void {
    while (this.first < this.values.length && this.untilMs[this.first]! <= byMs) this.first++
    // To shift a long list for each value would cost its length each time.
    if (this.first < FORGOTTEN_MOST || this.first * 2 < this.values.length) return
    this.values.splice(0, this.first)
    this.untilMs.splice(0, this.first)
    this.first = 0
  }

  /** -Infinity where there is none. */
  most(): number {
    return this.values[this.first] ?? -Infinity
  }
}

const FORGOTTEN_MOST = 64
