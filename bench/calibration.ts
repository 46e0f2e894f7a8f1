import { cpuMs, median } from './figure.ts'

/** Words that the kernel walks: 4 MB, beyond a core's own cache, as the columns of a state are. */
const WORDS = 1 << 20
const STEPS = 4_000_000
const REPEATS = 5

const words = new Int32Array(WORDS)

/**
 * CPU ms of a fixed piece of work on integers and typed arrays. Figures told as a ratio to it can
 * be compared between machines, and between quiet and noisy hours of one machine.
 */
export function calibrate(): number {
  const times: number[] = []
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const beforeMs = cpuMs()
    kernel()
    times.push(cpuMs() - beforeMs)
  }
  return median(times)
}

/** Reads and writes words in an order that no cache can guess. */
function kernel(): number {
  let at = 1
  let sum = 0
  for (let step = 0; step < STEPS; step++) {
    at = (Math.imul(at, 1103515245) + 12345) & (WORDS - 1)
    const word = Math.imul(words[at]! ^ sum, 0x85ebca6b) + step | 0
    words[at] = word
    sum = sum + (word >>> 7) | 0
  }
  return sum
}
