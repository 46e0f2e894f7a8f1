import { fromMinutes, parseClock } from '../../base/units.ts'
import { gibOfSlurm } from '../../traces/memory.ts'

/** Values as sbatch writes them. NaN or undefined for what is none. */

/**
 * Ms of a time limit: "90" (minutes), "10:30" (minutes, seconds), "4:00:00", "1-12", "1-12:30",
 * "1-12:00:00"; 0 for none.
 */
export function limitOf(text: string): number {
  if (/^(0|unlimited|infinite|infinity|-1)$/i.test(text)) return 0
  if (/^\d+$/.test(text)) return fromMinutes(Number(text))
  if (/^\d+-\d+$/.test(text)) return parseClock(`${text}:00:00`)
  if (/^\d+-\d+:\d+$/.test(text)) return parseClock(`${text}:00`)
  return parseClock(text)
}

/** Whole number above 0. */
export function countOf(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN
  return count > 0 && count < COUNT_MOST ? count : NaN
}

/** More of anything is a slip. */
const COUNT_MOST = 1_000_000_000

/** "4" or "2-4", perhaps with k for 1,024: fewest and most nodes. */
export function rangeOf(text: string): { readonly least: number, readonly most: number } {
  const [first, last, ...more] = text.split('-')
  const least = countOf(first!)
  const most = last === undefined ? least : countOf(last)
  return more.length > 0 || !(least <= most) ? { least: NaN, most: NaN } : { least, most }
}

/** GiB of "64G", "400GB", "32000" (MiB) or "1.5T". */
export function memoryOf(text: string): number {
  return gibOfSlurm(text.toUpperCase().replace(/(?<=[KMGTP])I?B$/, ''))
}

/** "8", "h100:8", "h100" (one): of `--gpus` and the like. */
export function gpusOf(text: string): { readonly device: string, readonly gpus: number } {
  const colon = text.lastIndexOf(':')
  const last = text.slice(colon + 1)
  if (/^\d/.test(last)) return { device: text.slice(0, Math.max(colon, 0)), gpus: countOf(last) }
  return { device: text, gpus: text === '' ? NaN : 1 }
}

/** Array indexes of "0-9", "1,3,5", "0-15:4" and the most at once of "…%4"; undefined for none. */
export function indexesOf(
  text: string): { readonly indexes: readonly number[], readonly atOnce: number } | undefined {
  const [list, atOnce] = text.split('%')
  const indexes: number[] = []
  for (const part of list!.split(',')) {
    const match = /^(\d{1,9})(?:-(\d{1,9})(?::(\d{1,9}))?)?$/.exec(part)
    if (match === null) return undefined
    const first = Number(match[1])
    const last = Number(match[2] ?? first)
    const step = Number(match[3] ?? 1)
    if (last < first || step === 0) return undefined
    for (let index = first; index <= last; index += step) {
      if (indexes.length >= INDEXES_MOST) return undefined
      indexes.push(index)
    }
  }
  const most = atOnce === undefined ? Infinity : countOf(atOnce)
  return Number.isNaN(most) ? undefined
    : { indexes: [...new Set(indexes)].sort((a, b) => a - b), atOnce: most }
}

/** As Slurm's MaxArraySize has it where nobody sets it: each task is a request of its own. */
const INDEXES_MOST = 1000

/** Jobs to wait for, or what of it cannot be done. */
export type Dependencies =
  | { readonly after: readonly After[] }
  | { readonly problem: string }

export type After = { readonly number: number, readonly on: 'completed' | 'ended' }

/** "afterok:12:13,afterany:7": all of them. */
export function dependenciesOf(text: string): Dependencies {
  if (text.includes('?')) {
    return { problem: 'waiting for one of several is not possible; use a comma for all of them' }
  }
  const after: After[] = []
  for (const part of text.split(',')) {
    const [type, ...numbers] = part.split(':')
    const on = type === 'afterok' ? 'completed' : type === 'afterany' ? 'ended' : undefined
    if (on === undefined) {
      return { problem: `${type} is not possible; afterok and afterany are` }
    }
    for (const number of numbers) {
      if (Number.isNaN(countOf(number))) return { problem: `${number} is no job's number` }
      after.push({ number: Number(number), on })
    }
    if (numbers.length === 0) return { problem: `${part} names no job` }
  }
  return { after }
}

const SIGNALS: Readonly<Record<string, string>> = {
  1: 'SIGHUP', 2: 'SIGINT', 10: 'SIGUSR1', 12: 'SIGUSR2', 15: 'SIGTERM',
}

/** "USR1", "SIGUSR1" or "10" as a signal that a job may want for "save your work". */
export function signalOf(text: string): string | undefined {
  const name = SIGNALS[text] ?? `SIG${text.toUpperCase().replace(/^SIG/, '')}`
  return Object.values(SIGNALS).includes(name) ? name : undefined
}
