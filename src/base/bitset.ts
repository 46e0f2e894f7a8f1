/**
 * Sets of small integers in two levels: a word of bits, and a summary bit for each word that is
 * not empty. The first member is found in two steps however large the set is. The bits live in a
 * given slice of a column, so that they fork and hash with the state.
 */

/** Words that a set of `size` members takes: its bits, then its summary. */
export function bitsetWords(size: number): number {
  const words = (size + 31) >> 5
  return words + ((words + 31) >> 5)
}

export function addBit(bits: Int32Array, base: number, size: number, member: number): void {
  const words = (size + 31) >> 5
  const word = member >> 5
  bits[base + word] = bits[base + word]! | (1 << (member & 31))
  const summary = base + words + (word >> 5)
  bits[summary] = bits[summary]! | (1 << (word & 31))
}

export function removeBit(bits: Int32Array, base: number, size: number, member: number): void {
  const words = (size + 31) >> 5
  const word = member >> 5
  const left = bits[base + word]! & ~(1 << (member & 31))
  bits[base + word] = left
  if (left !== 0) return
  const summary = base + words + (word >> 5)
  bits[summary] = bits[summary]! & ~(1 << (word & 31))
}

/** Adds the members from `from` up to `end`, a word at a time. */
export function addBits(
  bits: Int32Array, base: number, size: number, from: number, end: number): void {
  const summary = base + ((size + 31) >> 5)
  for (let at = from; at < end; at = (at | 31) + 1) {
    const word = at >> 5
    bits[base + word] = bits[base + word]! | maskOf(at, end)
    bits[summary + (word >> 5)] = bits[summary + (word >> 5)]! | (1 << (word & 31))
  }
}

/** Removes the members from `from` up to `end`, a word at a time. */
export function removeBits(
  bits: Int32Array, base: number, size: number, from: number, end: number): void {
  const summary = base + ((size + 31) >> 5)
  for (let at = from; at < end; at = (at | 31) + 1) {
    const word = at >> 5
    const left = bits[base + word]! & ~maskOf(at, end)
    bits[base + word] = left
    if (left !== 0) continue
    bits[summary + (word >> 5)] = bits[summary + (word >> 5)]! & ~(1 << (word & 31))
  }
}

/** The bits of `from`'s word that lie in [from, end). */
function maskOf(from: number, end: number): number {
  const mask = -1 << (from & 31)
  const last = end - (from & ~31)
  return last >= 32 ? mask : mask & ~(-1 << last)
}

/** Smallest member at or after `from`, or -1. O(words / 32) in the worst case. */
export function nextBit(bits: Int32Array, base: number, size: number, from: number): number {
  if (from >= size) return -1
  const words = (size + 31) >> 5
  let word = from >> 5
  const here = bits[base + word]! & (-1 << (from & 31))
  if (here !== 0) return (word << 5) + lowestBit(here)
  word++
  if (word >= words) return -1
  let summary = word >> 5
  const summaries = (words + 31) >> 5
  let mask = bits[base + words + summary]! & (-1 << (word & 31))
  while (mask === 0) {
    summary++
    if (summary >= summaries) return -1
    mask = bits[base + words + summary]!
  }
  word = (summary << 5) + lowestBit(mask)
  return (word << 5) + lowestBit(bits[base + word]!)
}

/** How many members lie in [from, end). O(words that have some). */
export function countBetween(
  bits: Int32Array, base: number, size: number, from: number, end: number): number {
  let count = 0
  for (let at = nextBit(bits, base, size, from); at >= 0 && at < end;
    at = nextBit(bits, base, size, (at | 31) + 1)) {
    count += countBits(bits[base + (at >> 5)]! & maskOf(at, end))
  }
  return count
}

/** Position of the lowest set bit of a word that is not 0. */
export function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word)
}

/** How many bits of a word are set. */
export function countBits(word: number): number {
  word -= (word >>> 1) & 0x55555555
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333)
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
