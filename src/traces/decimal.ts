/** Decimal numbers straight from bytes: a string for each of 18 million fields costs seconds. */

const DIGITS = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/

/** Powers of ten that a double holds exactly, as far as the quick way needs them. */
const TENS = Float64Array.from({ length: 16 }, (_, power) => Number(`1e${power}`))

/**
 * The number written in ASCII bytes [start, end): "12", "-1", "0.5" or "1e6"; NaN for all else,
 * "NaN" and "Infinity" among it; Infinity for what is too large. Rounded like `Number`, since up
 * to 15 digits and their power of ten are exact and the one division rounds once.
 */
export function parseDecimal(bytes: Buffer, start: number, end: number): number {
  const isNegative = bytes[start] === 45
  let mantissa = 0
  let digits = 0
  let decimals = -1
  for (let at = isNegative ? start + 1 : start; at < end; at++) {
    const digit = bytes[at]! - 48
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit
      digits++
      if (decimals >= 0) decimals++
    } else if (digit === -2 && decimals < 0) {
      decimals = 0
    } else {
      return parseSlowly(bytes, start, end)
    }
  }
  if (digits === 0) return NaN
  if (digits > 15) return parseSlowly(bytes, start, end)
  const value = decimals > 0 ? mantissa / TENS[decimals]! : mantissa
  // Subtracting keeps -0 out, which would differ from 0 in a comparison of two reads.
  return isNegative ? 0 - value : value
}

function parseSlowly(bytes: Buffer, start: number, end: number): number {
  const text = bytes.toString('latin1', start, end)
  return DIGITS.test(text) ? Number(text) + 0 : NaN
}
