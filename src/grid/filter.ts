import { periodMs } from '../base/units.ts'

/**
 * What of a signal lies between two frequencies: a Butterworth filter of the second order at each
 * end, causal, begun as if the first value had always been. Rules name their band and not their
 * filter; this is the usual one. `fromHz` may be 0 and `toHz` Infinity or beyond what the step can
 * show, where there is nothing to cut. O(n), a few ns a value.
 */
export function bandPass(
  values: Float64Array, stepMs: number, fromHz: number, toHz: number): Float64Array {
  const sampleHz = periodMs(stepMs)
  const output = new Float64Array(values.length)
  const first = values[0] ?? 0
  // Without its first value the signal begins at rest, so that no filter rings at the start.
  for (let at = 0; at < values.length; at++) output[at] = values[at]! - first
  if (fromHz > 0) run(output, highPass(fromHz / sampleHz))
  else for (let at = 0; at < values.length; at++) output[at]! += first
  if (toHz < sampleHz * HIGHEST_RATIO) run(output, lowPass(toHz / sampleHz))
  return output
}

/** Above it half the sampling rate is so near that nothing is left to cut. */
const HIGHEST_RATIO = 0.48

type Biquad = {
  readonly b0: number, readonly b1: number, readonly b2: number
  readonly a1: number, readonly a2: number
}

/** By the bilinear transform, with the frequency as a share of the sampling rate. */
function lowPass(frequencyRatio: number): Biquad {
  const k = Math.tan(Math.PI * frequencyRatio)
  const norm = 1 / (1 + Math.SQRT2 * k + k * k)
  return {
    b0: k * k * norm, b1: 2 * k * k * norm, b2: k * k * norm,
    a1: 2 * (k * k - 1) * norm, a2: (1 - Math.SQRT2 * k + k * k) * norm,
  }
}

function highPass(frequencyRatio: number): Biquad {
  const { a1, a2 } = lowPass(frequencyRatio)
  const k = Math.tan(Math.PI * frequencyRatio)
  const norm = 1 / (1 + Math.SQRT2 * k + k * k)
  return { b0: norm, b1: -2 * norm, b2: norm, a1, a2 }
}

/** Filters in place; the state begins at rest at the first value. */
function run(values: Float64Array, { b0, b1, b2, a1, a2 }: Biquad): void {
  const gain = (b0 + b1 + b2) / (1 + a1 + a2)
  const first = values[0] ?? 0
  let in1 = first
  let in2 = first
  let out1 = first * gain
  let out2 = out1
  for (let at = 0; at < values.length; at++) {
    const input = values[at]!
    const output = b0 * input + b1 * in1 + b2 * in2 - a1 * out1 - a2 * out2
    in2 = in1
    in1 = input
    out2 = out1
    out1 = output
    values[at] = output
  }
}
