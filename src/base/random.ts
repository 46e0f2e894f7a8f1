import { assert } from './assert.ts'
import { hashText } from './hash.ts'
import { log } from './math.ts'

/**
 * A stream of random numbers (sfc32, public domain, by Chris Doty-Humphrey). Its state is four
 * 32-bit integers in a column, so it forks, saves and replays with the rest of the state.
 */
export class RandomStream {
  private readonly s: Int32Array

  constructor(state: Int32Array) {
    assert(state.length === 4, 'a random stream has four words of state')
    this.s = state
  }

  /** A whole number from 0 to 2^32 - 1. About 5 ns. */
  uint32(): number {
    const s = this.s
    const sum = (s[0]! + s[1]! + s[3]!) | 0
    s[3] = (s[3]! + 1) | 0
    s[0] = s[1]! ^ (s[1]! >>> 9)
    s[1] = (s[2]! + (s[2]! << 3)) | 0
    s[2] = ((s[2]! << 21) | (s[2]! >>> 11)) + sum
    return sum >>> 0
  }

  /** A number in (0, 1), never 0 or 1, with 52 random bits. */
  uniform(): number {
    const high = this.uint32() >>> 6
    const low = this.uint32() >>> 6
    return (high * 67108864 + low + 0.5) / 4503599627370496
  }

  /** A whole number from 0 to limit - 1. */
  below(limit: number): number {
    return Math.floor(this.uniform() * limit)
  }

  /** A waiting time with the given mean, exponentially distributed. */
  exponential(mean: number): number {
    return -log(this.uniform()) * mean
  }

  /** A number of the standard normal distribution, by Marsaglia's polar method. */
  normal(): number {
    for (;;) {
      const x = 2 * this.uniform() - 1
      const y = 2 * this.uniform() - 1
      const square = x * x + y * y
      if (square < 1 && square > 0) return x * Math.sqrt(-2 * log(square) / square)
    }
  }

  /** The four words, for a snapshot. */
  save(): number[] {
    return [...this.s]
  }
}

/** A stream of its own for each name, so that a new draw in one place disturbs no other place. */
export function randomStream(seed: number, name: string): RandomStream {
  const state = new Int32Array(4)
  state[0] = hashText(name, seed | 0)
  state[1] = hashText(name, (seed / 4294967296) | 0)
  state[2] = hashText(`${name}/${seed}`, 0x9e3779b9 | 0)
  state[3] = 1
  const stream = new RandomStream(state)
  for (let round = 0; round < 15; round++) stream.uint32()
  return stream
}
