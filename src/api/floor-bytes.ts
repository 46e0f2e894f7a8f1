import type { FloorRuns } from './floor-values.ts'

/** Runs of a floor on the wire, and what changed between two of them. */

/** The runs as bytes: of each the count of devices and its value, seven bits a byte. */
export function bytesOf({ values, ends }: FloorRuns): Uint8Array {
  const bytes = new Uint8Array(values.length * 2 * VARINT_MOST)
  let at = 0
  const write = (value: number) => {
    let rest = value
    while (rest >= 128) {
      bytes[at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    bytes[at++] = rest
  }
  for (let run = 0; run < values.length; run++) {
    write(ends[run]! - (ends[run - 1] ?? 0))
    write(values[run]!)
  }
  return bytes.subarray(0, at)
}

/** Bytes of the largest number below 2^53. */
const VARINT_MOST = 8

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
        const goesOn = last >= 0 && found[last]! + found[last + 1]! === from
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
