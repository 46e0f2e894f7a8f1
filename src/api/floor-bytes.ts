import type { FloorRuns } from './floor-values.ts'

/** Runs of a floor on the wire, and what changed between two of them. */

/**
 * The runs as bytes: how many there are, then of each the count of its devices, then of each where
 * its value is found: k > 0, the k-th of the latest different ones; 0, a new one, which come last,
 * each as the difference to the one before it. All are numbers of seven bits a byte. Kept apart,
 * alike bytes lie together, and compress to three quarters of what pairs do.
 */
export function bytesOf({ values, ends }: FloorRuns): Uint8Array {
  const bytes = new Bytes(values.length)
  bytes.write(values.length)
  for (let run = 0; run < ends.length; run++) bytes.write(ends[run]! - (ends[run - 1] ?? 0))
  const fresh: number[] = []
  const late: number[] = []
  for (const value of values) {
    const at = late.indexOf(value)
    bytes.write(at + 1)
    if (at < 0) fresh.push(value)
    if (at >= 0) late.splice(at, 1)
    else if (late.length === LATE_MOST) late.pop()
    late.unshift(value)
  }
  let last = 0
  for (const value of fresh) {
    // Below and above by turns: 0, -1, 1, -2, …
    const step = value - last
    bytes.write(step < 0 ? -2 * step - 1 : 2 * step)
    last = value
  }
  return bytes.done()
}

/** Values that are found again: the page looks through as many. */
const LATE_MOST = 64

/** Bytes of the largest number: a step between two numbers of jobs, twice. */
const VARINT_MOST = 8

class Bytes {
  private readonly bytes: Uint8Array
  private at = 0

  constructor(runs: number) {
    this.bytes = new Uint8Array((3 * runs + 1) * VARINT_MOST)
  }

  write(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.bytes[this.at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.bytes[this.at++] = rest
  }

  done(): Uint8Array {
    return this.bytes.subarray(0, this.at)
  }
}

/**
 * First device, count and new value of each run that differs; undefined where they are more than
 * `most`, so that the whole is shorter. Both must be of the same plant.
 */
export function changesOf(
  before: FloorRuns, after: FloorRuns, most: number): number[] | undefined {
  const found: number[] = []
  let old = 0
  let from = 0
  for (let run = 0; run < after.values.length; run++) {
    const end = after.ends[run]!
    const value = after.values[run]!
    while (from < end) {
      const until = Math.min(end, before.ends[old]!)
      if (before.values[old] !== value) {
        const last = found.length - 3
        const goesOn = last >= 0 && from === found[last]! + found[last + 1]!
          && found[last + 2] === value
        if (goesOn) found[last + 1]! += until - from
        else found.push(from, until - from, value)
        if (found.length > most * 3) return undefined
      }
      from = until
      if (before.ends[old] === until) old++
    }
  }
  return found
}
