/** How long something ran in all, by the monotonic clock, less what it was halted. */
export class RunTime {
  private beforeMs = 0
  private sinceMs = -1

  go(): void {
    if (this.sinceMs < 0) this.sinceMs = performance.now()
  }

  halt(): void {
    this.beforeMs = this.ms()
    this.sinceMs = -1
  }

  ms(): number {
    return this.beforeMs + (this.sinceMs < 0 ? 0 : performance.now() - this.sinceMs)
  }
}
