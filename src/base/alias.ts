import type { RandomStream } from './random.ts'

/** Draws one of many weighted choices in constant time (Walker's alias method, by Vose). */
export class AliasTable {
  private readonly threshold: Float64Array
  private readonly alias: Int32Array

  constructor(weights: readonly number[]) {
    const count = weights.length
    const sum = weights.reduce((total, weight) => total + weight, 0)
    const scaled = Float64Array.from(weights, (weight) => (weight * count) / sum)
    this.threshold = new Float64Array(count).fill(1)
    this.alias = Int32Array.from({ length: count }, (_, at) => at)
    const small: number[] = []
    const large: number[] = []
    scaled.forEach((value, at) => (value < 1 ? small : large).push(at))
    while (small.length > 0 && large.length > 0) {
      const low = small.pop()!
      const high = large.at(-1)!
      this.threshold[low] = scaled[low]!
      this.alias[low] = high
      scaled[high] = scaled[high]! - (1 - scaled[low]!)
      if (scaled[high]! < 1) small.push(large.pop()!)
    }
  }

  draw(random: RandomStream): number {
    const at = random.below(this.threshold.length)
    return random.uniform() < this.threshold[at]! ? at : this.alias[at]!
  }
}
