import { InputError } from '../model/error.ts'
import { formatCount, fromHours, fromSeconds, toSeconds } from '../base/units.ts'
import { parseDecimal } from './decimal.ts'

/** sacct knows some 120 columns; a line with many more is not a row of a table. */
const MAX_FIELDS = 200

/** Times in a trace count from its start. Later than 40 years is nearly always an epoch stamp. */
export const MAX_TIME_MS = fromHours(350_640)

/** Counts go into 32-bit columns. */
export const MAX_COUNT = 2147483647

/** Kubernetes allows 253 characters in a name, Slurm fewer. */
const MAX_NAME_LENGTH = 253

const TAB = 9
const SPACE = 32
const QUOTE = 34
const COMMA = 44
const BAR = 124

/** The column or field that a value is in, as its errors name it. */
type Name = string

/**
 * One line of a file while it is read: a window on bytes that is moved from line to line, so
 * that a row costs no text but its names. What it returns may be kept; the line itself not.
 */
export class Line {
  readonly path: string
  /** Counts from 1, as editors do. */
  number = 0
  /** How many fields the last split found. */
  fields = 0
  private bytes: Buffer = Buffer.alloc(0)
  private start = 0
  private end = 0
  private readonly starts = new Int32Array(MAX_FIELDS)
  private readonly ends = new Int32Array(MAX_FIELDS)

  constructor(path: string) {
    this.path = path
  }

  /** Moves the window to the next line. Its bytes are ours: quoted text is unescaped in place. */
  moveTo(bytes: Buffer, start: number, end: number): void {
    this.number++
    this.bytes = bytes
    this.start = start
    this.end = end
    this.fields = 0
  }

  /** First byte that is not blank, or -1 on an empty line. */
  firstByte(): number {
    for (let at = this.start; at < this.end; at++) {
      const byte = this.bytes[at]!
      if (byte !== SPACE && byte !== TAB) return byte
    }
    return -1
  }

  /** Finds the fields between blanks. */
  splitBlanks(): void {
    const { bytes, end } = this
    let fields = 0
    let at = this.start
    for (;;) {
      while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++
      if (at >= end) break
      const start = at
      while (at < end && bytes[at]! > SPACE) at++
      if (at < end && bytes[at] !== SPACE && bytes[at] !== TAB) this.failOnByte(at)
      this.addField(fields++, start, at)
    }
    this.fields = fields
  }

  /** Finds the fields between commas; blanks around them do not count, quotes may hold commas. */
  splitCommas(): void {
    const { bytes, end } = this
    let fields = 0
    let at = this.start
    for (;;) {
      while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++
      at = at < end && bytes[at] === QUOTE ? this.addQuoted(fields++, at + 1)
        : this.addPlain(fields++, at, COMMA)
      if (at >= end) break
      at++
    }
    this.fields = fields
  }

  /** Finds the fields between bars; blanks around them do not count, and nothing quotes a bar. */
  splitBars(): void {
    const { bytes, end } = this
    let fields = 0
    let at = this.start
    for (;;) {
      while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++
      at = this.addPlain(fields++, at, BAR)
      if (at >= end) break
      at++
    }
    this.fields = fields
  }

  /** The whole line, for a format that is no table. */
  text(): string {
    for (let at = this.start; at < this.end; at++) {
      if (this.bytes[at]! < SPACE && this.bytes[at] !== TAB) this.failOnByte(at)
    }
    return this.decode(this.start, this.end)
  }

  /** Text of a field. Allocates, so only names and errors ask for it. */
  textAt(field: number): string {
    const start = this.starts[field]!
    const end = this.ends[field]!
    for (let at = start; at < end; at++) {
      if (this.bytes[at]! >= 128) return this.decode(start, end)
    }
    return this.bytes.toString('latin1', start, end)
  }

  /** A name: not empty, and short enough for a screen. */
  nameAt(field: number, name: Name): string {
    const text = this.textAt(field)
    if (text === '' || text.length > MAX_NAME_LENGTH) {
      this.failOnField(field, name, `write a name of 1 to ${MAX_NAME_LENGTH} characters`)
    }
    return text
  }

  isEmptyAt(field: number): boolean {
    return this.starts[field] === this.ends[field]
  }

  /** The number in a field: NaN where there is none, Infinity where it is too large. */
  numberAt(field: number): number {
    return parseDecimal(this.bytes, this.starts[field]!, this.ends[field]!)
  }

  /** A time or duration written as a number of seconds, in whole milliseconds. */
  timeMsAt(field: number, name: Name): number {
    const seconds = this.numberAt(field)
    if (Number.isNaN(seconds)) {
      this.failOnField(field, name, 'write a number of seconds such as 3600 or 12.5')
    }
    return this.checkTimeMs(fromSeconds(seconds), field, name)
  }

  /** Rounds a time to whole milliseconds, a moment above 0 to at least one, and bounds it. */
  checkTimeMs(ms: number, field: number, name: Name): number {
    if (ms < 0) this.failOnField(field, name, 'a time cannot be negative')
    if (ms > MAX_TIME_MS) {
      this.failOnField(field, name, 'times count from the start of the trace and end at '
        + `${formatCount(toSeconds(MAX_TIME_MS))} s (40 years): subtract the first submission`)
    }
    return ms > 0 && ms < 1 ? 1 : Math.round(ms)
  }

  /** A whole number from 0 that fits 32 bits. */
  countAt(field: number, name: Name): number {
    const count = this.numberAt(field)
    if (Number.isInteger(count) && count >= 0 && count <= MAX_COUNT) return count
    return this.failOnField(field, name, `write a whole number from 0 to ${formatCount(MAX_COUNT)}`)
  }

  failOnField(field: number, name: Name, remedy: string): never {
    if (this.isEmptyAt(field)) this.fail(`${name} is empty; ${remedy}`)
    this.fail(`${name} is ${shown(this.textAt(field))}; ${remedy}`)
  }

  /** Throws "FILE:LINE: problem". */
  fail(problem: string): never {
    throw new InputError(`${this.path}:${this.number}: ${problem}`)
  }

  private addField(field: number, start: number, end: number): void {
    if (field === MAX_FIELDS) this.fail(`more than ${MAX_FIELDS} fields; this is no row of a trace`)
    this.starts[field] = start
    this.ends[field] = end
  }

  /** Takes a field that ends before the separator and returns where. */
  private addPlain(field: number, start: number, separator: number): number {
    const { bytes, end } = this
    let last = start
    let at = start
    for (; at < end && bytes[at] !== separator; at++) {
      const byte = bytes[at]!
      if (byte > SPACE) last = at + 1
      else if (byte !== SPACE && byte !== TAB) this.failOnByte(at)
    }
    this.addField(field, start, last)
    return at
  }

  /** Takes a quoted field from behind its first quote and returns where it ended. */
  private addQuoted(field: number, start: number): number {
    const { bytes, end } = this
    let to = start
    let at = start
    for (; ; at++) {
      if (at >= end) this.fail('a quote is opened and not closed on the line; close it with "')
      if (bytes[at] === QUOTE) {
        if (bytes[at + 1] !== QUOTE || at + 1 >= end) break
        at++
      }
      if (bytes[at]! < SPACE && bytes[at] !== TAB) this.failOnByte(at)
      bytes[to++] = bytes[at]!
    }
    this.addField(field, start, to)
    at++
    while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++
    if (at < end && bytes[at] !== COMMA) {
      this.fail('text follows a closing quote; double a quote that belongs to the text ("")')
    }
    return at
  }

  private decode(start: number, end: number): string {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.bytes.subarray(start, end))
    } catch {
      return this.fail('the text is not UTF-8; convert the file, for example with iconv')
    }
  }

  private failOnByte(at: number): never {
    const byte = this.bytes[at]!.toString(16).padStart(2, '0')
    this.fail(`byte ${at - this.start + 1} of the line is 0x${byte}, so this is not text; `
      + 'give a text file, plain or gzip')
  }
}

/** A piece of the file in quotes, short and without control characters. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text)
}
