/** A list of numbers that grows, kept in one column. */
export class Sample {
  private values = new Float64Array(1024)
  private count = 0
  private isSorted = true

  get size(): number {
    return this.count
  }

  add(value: number): void {
    if (this.count === this.values.length) {
      const grown = new Float64Array(this.count * 2)
      grown.set(this.values)
      this.values = grown
    }
    this.values[this.count++] = value
    this.isSorted = false
  }

  /** Arithmetic mean, 0 for an empty sample. */
  mean(): number {
    let sum = 0
    for (let at = 0; at < this.count; at++) sum += this.values[at]!
    return this.count === 0 ? 0 : sum / this.count
  }

  /** The smallest value that at least `ratio` of the sample does not exceed; 0 when empty. */
  quantile(ratio: number): number {
    if (this.count === 0) return 0
    if (!this.isSorted) {
      this.values.subarray(0, this.count).sort()
      this.isSorted = true
    }
    const rank = Math.ceil(ratio * this.count) - 1
    return this.values[Math.min(this.count - 1, Math.max(0, rank))]!
  }
}
