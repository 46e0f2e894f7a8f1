import { nearestWord } from '../base/text.ts'
import { parseQuantity } from '../base/units.ts'
import { InputError } from '../model/index.ts'
import { traceFormat } from '../traces/index.ts'
import { parseScale, UNSCALED, type Scale } from '../traces/scale.ts'

/** What a flag says, read into the inner units, or an InputError that names the flag. */

export type TraceOption = { readonly format: string, readonly path: string }

/** "philly:FILE": the format's name, then the path. */
export function readTraceOption(text: string): TraceOption {
  const colon = text.indexOf(':')
  if (colon <= 0 || colon === text.length - 1) {
    throw new InputError(`--trace ${text}: write FORMAT:FILE, `
      + 'such as philly:examples/traces/philly.csv.gz.')
  }
  const format = text.slice(0, colon)
  traceFormat(format)
  return { format, path: text.slice(colon + 1) }
}

/** Scales by format; '' holds the one for all. "copies=80,jitter=1h" or "kalos:copies=900". */
export function readScales(
  texts: readonly string[], formats: readonly string[]): (format: string) => Scale {
  const byFormat = new Map<string, Scale>()
  for (const text of texts) {
    const match = /^([a-z]+):(.*)$/.exec(text)
    const format = match === null ? '' : match[1]!
    if (format !== '') {
      traceFormat(format)
      if (!formats.includes(format)) {
        throw new InputError(`--scale ${text}: no --trace is of the format ${format}; the traces `
          + `are of ${formats.join(', ')}.`)
      }
    }
    if (byFormat.has(format)) {
      throw new InputError(`--scale ${text}: there are two for `
        + `${format === '' ? 'all traces' : format}; give one.`)
    }
    byFormat.set(format, parseScale(match === null ? text : match[2]!))
  }
  return (format) => byFormat.get(format) ?? byFormat.get('') ?? UNSCALED
}

export function readDuration(flag: string, text: string): number {
  const parsed = parseQuantity(text, 'duration')
  if ('problem' in parsed) throw new InputError(`${flag}: ${parsed.problem}.`)
  if (parsed.value <= 0) throw new InputError(`${flag} ${text}: the time must be above 0.`)
  return Math.round(parsed.value)
}

/** A moment of a run, from its start: "3d12h", "90m" or "0s"; Infinity for "end". */
export function readMoment(flag: string, text: string): number {
  if (text === 'end') return Infinity
  const parts = text.match(/[0-9.]+ *[A-Za-z]+/g) ?? []
  const isWhole = parts.join('').replaceAll(' ', '') === text.replaceAll(' ', '')
  let sumMs = 0
  for (const part of isWhole && parts.length > 0 ? parts : [text]) {
    const parsed = parseQuantity(part, 'duration')
    if ('problem' in parsed) {
      throw new InputError(`${flag}: ${parsed.problem}; write a time since the start of the run `
        + 'such as 3d12h, or end.')
    }
    sumMs += parsed.value
  }
  if (sumMs < 0) throw new InputError(`${flag} ${text}: the run begins at 0s; write that or later.`)
  return Math.round(sumMs)
}

export function readWhole(flag: string, text: string, least: number, most: number): number {
  const value = /^[0-9]+$/.test(text) ? Number(text) : NaN
  if (value >= least && value <= most) return value
  throw new InputError(`${flag} ${text}: use a whole number from ${least} to ${most}.`)
}

export function readChoice(flag: string, text: string, known: readonly string[]): string {
  if (known.includes(text)) return text
  const near = nearestWord(text, known)
  throw new InputError(`${flag} ${text}: use one of ${known.join(', ')}`
    + `${near === undefined ? '' : `; did you mean ${near}?`}.`)
}

/** Collects a flag that may be given several times. */
export function repeated(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
