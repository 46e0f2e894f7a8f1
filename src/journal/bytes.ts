import { assert } from '../base/assert.ts'

const encoder = new TextEncoder()
/** A byte order mark at the start of a name is part of the name. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Most bytes of a text in a journal: names and causes are short. Longer ones are cut. */
export const TEXT_MOST = 65_535

/** Writes numbers and texts one after another into bytes that grow. */
export class ByteWriter {
  bytes: Uint8Array
  length = 0

  /** `room` is how many bytes there are at first. */
  constructor(room = 1 << 16) {
    this.bytes = new Uint8Array(room)
  }

  byte(value: number): void {
    assert(value >= 0 && value <= 255, 'a byte holds 0 to 255')
    this.room(1)
    this.bytes[this.length++] = value
  }

  /** A whole number from 0 to 2^53 - 1: seven bits a byte, lowest first. */
  whole(value: number): void {
    this.room(8)
    if ((value & 0x7fffffff) === value) return this.small(value)
    assert(value >= 0 && Number.isSafeInteger(value), 'a journal holds whole numbers below 2^53')
    let rest = value
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.bytes[this.length++] = rest
  }

  /** Below 2^31 whole arithmetic does, several times as fast. */
  private small(value: number): void {
    const { bytes } = this
    let { length } = this
    let rest = value
    for (; rest >= 0x80; rest >>>= 7) bytes[length++] = (rest & 0x7f) | 0x80
    bytes[length++] = rest
    this.length = length
  }

  /** A whole number of either sign within 2^52, small ones short. */
  signed(value: number): void {
    assert(Number.isInteger(value), 'a journal holds whole numbers')
    this.whole(value < 0 ? -2 * value - 1 : 2 * value)
  }

  float(value: number): void {
    this.room(8)
    new DataView(this.bytes.buffer).setFloat64(this.length, value)
    this.length += 8
  }

  text(value: string): void {
    const { length } = value
    this.room(length * 3 + 3)
    // Names are short and plain: one byte of length, then a byte for each letter.
    if (length < 0x80) {
      const start = this.length
      this.bytes[start] = length
      let at = 0
      for (; at < length; at++) {
        const code = value.charCodeAt(at)
        if (code >= 0x80) break
        this.bytes[start + 1 + at] = code
      }
      if (at === length) {
        this.length = start + 1 + length
        return
      }
    }
    const bytes = cut(encoder.encode(value))
    this.whole(bytes.length)
    this.room(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  private room(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + bytes))
    grown.set(this.bytes)
    this.bytes = grown
  }
}

/** At most TEXT_MOST bytes, and no part of a character. */
function cut(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= TEXT_MOST) return bytes
  let end = TEXT_MOST
  while ((bytes[end]! & 0xc0) === 0x80) end--
  return bytes.subarray(0, end)
}

/** Reads what ByteWriter wrote. Throws RangeError where the bytes end or make no sense. */
export class ByteReader {
  private readonly bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length
  }

  byte(): number {
    const value = this.bytes[this.at++]
    if (value === undefined) throw new RangeError('the bytes end inside a record')
    return value
  }

  whole(): number {
    let value = 0
    let factor = 1
    for (let digits = 0; digits < 8; digits++) {
      const part = this.byte()
      value += (part & 0x7f) * factor
      if (value > Number.MAX_SAFE_INTEGER) break
      if (part < 0x80) return value
      factor *= 0x80
    }
    throw new RangeError('a number is too large')
  }

  signed(): number {
    const value = this.whole()
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2
  }

  float(): number {
    const end = this.at + 8
    if (end > this.bytes.length) throw new RangeError('the bytes end inside a number')
    const { buffer, byteOffset } = this.bytes
    const value = new DataView(buffer, byteOffset + this.at, 8).getFloat64(0)
    this.at = end
    return value
  }

  text(): string {
    const length = this.whole()
    if (length > TEXT_MOST || this.at + length > this.bytes.length) {
      throw new RangeError('a text is too long')
    }
    const bytes = this.bytes.subarray(this.at, this.at + length)
    this.at += length
    try {
      return decoder.decode(bytes)
    } catch {
      throw new RangeError('a text is not UTF-8')
    }
  }
}
