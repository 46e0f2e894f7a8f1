import { periodMs } from '../base/units.ts'

/** The strongest frequency of a piece of a signal within a band. */
export type Tone = { readonly atHz: number; readonly amplitudeW: number }

/**
 * Finds the strongest tone between two frequencies, by a Fourier transform under a Hann window of
 * the values around `middle`. Undefined where the piece is too short to tell. O(m log m), where m
 * is at most 32768 values.
 */
export function strongestTone(
  values: Float64Array, middle: number, stepMs: number, fromHz: number, toHz: number,
): Tone | undefined {
  let size = MOST_VALUES
  while (size > values.length) size >>= 1
  if (size < 16) return undefined
  const start = Math.max(0, Math.min(values.length - size, middle - (size >> 1)))
  const real = new Float64Array(size)
  const imaginary = new Float64Array(size)
  let mean = 0
  for (let at = 0; at < size; at++) mean += values[start + at]! / size
  for (let at = 0; at < size; at++) {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / size)
    real[at] = (values[start + at]! - mean) * hann
  }
  transform(real, imaginary)
  const binHz = periodMs(stepMs) / size
  let best = 0
  let bestSize = 0
  const last = Math.min((size >> 1) - 1, Math.floor(toHz / binHz))
  for (let bin = Math.max(2, Math.ceil(fromHz / binHz)); bin <= last; bin++) {
    const strength = Math.hypot(real[bin]!, imaginary[bin]!)
    if (strength <= bestSize) continue
    best = bin
    bestSize = strength
  }
  // A Hann window halves a tone, and a real tone has half of its strength in each of two bins.
  return best === 0 ? undefined : { atHz: best * binHz, amplitudeW: (bestSize * 4) / size }
}

const MOST_VALUES = 32768

/** Fast Fourier transform in place, radix 2; the length is a power of two. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const size = real.length
  reverseBits(real, imaginary)
  for (let half = 1; half < size; half *= 2) {
    for (let pair = 0; pair < half; pair++) {
      const angle = (-Math.PI * pair) / half
      const cosine = Math.cos(angle)
      const sine = Math.sin(angle)
      for (let low = pair; low < size; low += half * 2) {
        const high = low + half
        const turnedReal = real[high]! * cosine - imaginary[high]! * sine
        const turnedImaginary = real[high]! * sine + imaginary[high]! * cosine
        real[high] = real[low]! - turnedReal
        imaginary[high] = imaginary[low]! - turnedImaginary
        real[low]! += turnedReal
        imaginary[low]! += turnedImaginary
      }
    }
  }
}

function reverseBits(real: Float64Array, imaginary: Float64Array): void {
  const size = real.length
  for (let at = 1, other = 0; at < size; at++) {
    let bit = size >> 1
    for (; (other & bit) !== 0; bit >>= 1) other ^= bit
    other ^= bit
    if (at >= other) continue
    swap(real, at, other)
    swap(imaginary, at, other)
  }
}

function swap(values: Float64Array, one: number, other: number): void {
  const kept = values[one]!
  values[one] = values[other]!
  values[other] = kept
}
