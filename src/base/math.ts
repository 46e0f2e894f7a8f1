/**
 * Transcendental functions whose last bit does not depend on the engine.
 * ECMAScript leaves Math.exp, log and pow to the implementation, so results that reach the core
 * come from here. Only + - * / and bit access are used: exact by IEEE 754 everywhere.
 */
import { assert } from './assert.ts'

const LN2_HIGH = 6.93147180369123816490e-1
const LN2_LOW = 1.90821492927058770002e-10
const scratch = new DataView(new ArrayBuffer(8))

/** Two to a whole power. */
function powerOfTwo(exponent: number): number {
  if (exponent < -1022) return powerOfTwo(exponent + 54) * 5.551115123125783e-17
  if (exponent > 1023) return Infinity
  scratch.setUint32(0, (exponent + 1023) << 20)
  scratch.setUint32(4, 0)
  return scratch.getFloat64(0)
}

/** e to the x. Relative error below 1e-15. */
export function exp(x: number): number {
  if (x > 709.78) return Infinity
  if (x < -745) return 0
  const k = Math.round(x / Math.LN2)
  const r = x - k * LN2_HIGH - k * LN2_LOW
  let term = 1
  let sum = 1
  // |r| <= 0.35, so the Taylor series is exact to the last bit or two after 17 terms.
  for (let n = 1; n <= 17; n++) {
    term *= r / n
    sum += term
  }
  // Two to the 1024 is no number, though half of it times two may be.
  return k > 1023 ? sum * powerOfTwo(k - 1) * 2 : sum * powerOfTwo(k)
}

/** Natural logarithm of x > 0. Relative error below 1e-15 away from 1. */
export function log(x: number): number {
  if (!(x > 0)) assert(false, `log needs a positive number, got ${x}`)
  if (x === Infinity) return Infinity
  let exponent = 0
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984
    exponent -= 54
  }
  scratch.setFloat64(0, x)
  const high = scratch.getUint32(0)
  exponent += (high >>> 20) - 1023
  scratch.setUint32(0, (high & 0xfffff) | 0x3ff00000)
  let mantissa = scratch.getFloat64(0)
  if (mantissa > Math.SQRT2) {
    mantissa /= 2
    exponent += 1
  }
  // log(m) = 2 artanh((m-1)/(m+1)); |s| <= 0.172, so 13 odd terms reach the last bit.
  const s = (mantissa - 1) / (mantissa + 1)
  const square = s * s
  let sum = 0
  for (let n = 25; n >= 1; n -= 2) sum = sum * square + 1 / n
  return exponent * LN2_HIGH + (2 * s * sum + exponent * LN2_LOW)
}

/** x to the y for x > 0. */
export function pow(x: number, y: number): number {
  return exp(y * log(x))
}

/** Smallest whole number not below a / b, for whole a >= 0 and b > 0 with a + b < 2^53. */
export function divideUp(a: number, b: number): number {
  return Math.floor((a + b - 1) / b)
}

/**
 * The deviations that a normal value exceeds with a chance of 0 < p <= 0.5. Off by less than 4.5e-4
 * (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.23).
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p <= 0.5)) assert(false, `a chance above 0 and at most a half, got ${p}`)
  const t = Math.sqrt(-2 * log(p))
  const above = 2.515517 + t * (0.802853 + t * 0.010328)
  return t - above / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
}

const SQRT_TWO_PI = 2.5066282746310002

/**
 * Mean and variance of a standard normal value that something holds at t: of the lesser of the two.
 * Off by less than 1e-6 (Abramowitz and Stegun, 26.2.17, for the chance to be above t).
 */
export function heldNormal(t: number): { readonly mean: number, readonly variance: number } {
  const density = exp(-t * t / 2) / SQRT_TWO_PI
  const k = 1 / (1 + 0.2316419 * Math.abs(t))
  const tail = density * k * (0.319381530 + k * (-0.356563782 + k * (1.781477937
    + k * (-1.821255978 + k * 1.330274429))))
  const above = t >= 0 ? tail : 1 - tail
  const mean = t * above - density
  const square = 1 - above - t * density + t * t * above
  return { mean, variance: Math.max(0, square - mean * mean) }
}
