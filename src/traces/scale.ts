import { assert } from '../base/assert.ts'
import { EventQueue } from '../base/event-queue.ts'
import { type RandomStream, randomStream } from '../base/random.ts'
import { nearestWord } from '../base/text.ts'
import { formatCount, formatDuration, parseQuantity } from '../base/units.ts'
import { InputError } from '../model/error.ts'
import type { JobList, Trace, TraceJob } from '../model/arrival.ts'
import { MAX_COUNT, MAX_TIME_MS, shown } from './line.ts'

/** How a trace is made larger, and where it begins. */
export type Scale = {
  /** How often each job comes. */
  readonly copies: number
  /** Each copy of each job comes later by its own time, below this one. 0 for none. */
  readonly jitterMs: number
  /** Jobs before it are dropped, and the rest come earlier by it. */
  readonly skipMs: number
}

export const UNSCALED: Scale = { copies: 1, jitterMs: 0, skipMs: 0 }

/** A trace of 2,490 GPUs on a factory of a million takes 400; more is a slip of the finger. */
const MAX_COPIES = 100_000

const KEYS = ['copies', 'jitter', 'skip'] as const

/** Reads "copies=80,jitter=1h,skip=20d". Each key may be left out; '' is the trace as it is. */
export function parseScale(text: string): Scale {
  const scale = { ...UNSCALED }
  const seen = new Set<string>()
  for (const part of text.trim() === '' ? [] : text.split(',')) {
    const pieces = part.split('=').map((piece) => piece.trim())
    const [key, value] = pieces as [string, string?]
    if (!KEYS.some((known) => known === key)) {
      const near = nearestWord(key, KEYS)
      const hint = near === undefined ? '' : `, the nearest is ${near}`
      fail(text, `there is no key ${shown(key)}${hint}`)
    }
    if (value === undefined || value === '') fail(text, `${key} has no value`)
    if (pieces.length > 2) fail(text, `${key} has two values`)
    if (seen.has(key)) fail(text, `${key} is there twice`)
    seen.add(key)
    if (key === 'copies') scale.copies = copiesOf(text, value)
    else scale[key === 'jitter' ? 'jitterMs' : 'skipMs'] = durationOf(text, key, value)
  }
  return scale
}

function copiesOf(text: string, value: string): number {
  const copies = /^[0-9]+$/.test(value) ? Number(value) : NaN
  if (copies >= 1 && copies <= MAX_COPIES) return copies
  return fail(
    text, `copies is ${shown(value)}, not a whole number from 1 to ${formatCount(MAX_COPIES)}`)
}

function durationOf(text: string, key: string, value: string): number {
  if (value === '0') return 0
  const parsed = parseQuantity(value, 'duration')
  if ('problem' in parsed) return fail(text, `${key} is no duration: ${parsed.problem}`)
  if (parsed.value >= 0 && parsed.value <= MAX_TIME_MS) return Math.round(parsed.value)
  return fail(text, `${key} is ${shown(value)}, outside 0 to ${formatDuration(MAX_TIME_MS)}`)
}

function fail(text: string, problem: string): never {
  throw new InputError(
    `scale ${shown(text)}: ${problem}; write it like copies=80,jitter=1h,skip=20d`)
}

export type ScaledTrace = { readonly trace: Trace; readonly scale: Scale }

/** A job at the moment when it comes. `atMs` counts; `job.submitAtMs` is the time in the file. */
export type Arrival = {
  readonly atMs: number
  readonly job: TraceJob
  readonly traceIndex: number
  /** 0 for the job itself. */
  readonly copy: number
}

/**
 * The jobs of several scaled traces as one stream in the order of time; equal times keep the
 * order (trace, row, copy). Copies are made when they come: memory holds only those whose jitter
 * has begun. Each copy draws from a random stream of its own, so that more copies, or another
 * trace, leave those that were there where they were. About 0.3 us an arrival.
 */
export class Arrivals {
  /** Arrivals of the whole stream. */
  readonly total: number
  private readonly sources: readonly Source[]

  constructor(traces: readonly ScaledTrace[], seed: number) {
    this.sources = traces.map((each, index) => new Source(each, index, seed))
    this.total = this.sources.reduce((sum, source) => sum + source.total, 0)
  }

  /** When the next one comes, or Infinity at the end. */
  peekAtMs(): number {
    const source = this.first()
    return source < 0 ? Infinity : this.sources[source]!.headAtMs
  }

  /** Takes the next one; ask `peekAtMs` first whether there is one. */
  next(): Arrival {
    const traceIndex = this.first()
    assert(traceIndex >= 0, 'next needs an arrival; peekAtMs says Infinity at the end')
    return this.sources[traceIndex]!.next(traceIndex)
  }

  private first(): number {
    let best = -1
    let bestAtMs = Infinity
    for (let index = 0; index < this.sources.length; index++) {
      const atMs = this.sources[index]!.headAtMs
      if (atMs < bestAtMs) {
        best = index
        bestAtMs = atMs
      }
    }
    return best
  }
}

/** Name of a copy: "17" for the job itself, then "17.1", "17.2". */
export function nameOf(job: TraceJob, copy: number): string {
  return copy === 0 ? job.id : `${job.id}.${copy}`
}

/** One scaled trace in the order of time. */
class Source {
  readonly total: number
  /** When its next arrival comes, Infinity at the end. */
  headAtMs = Infinity
  private readonly jobs: JobList
  private readonly scale: Scale
  private readonly streams: readonly RandomStream[]
  private readonly firstRow: number
  /** The next row whose copies wait in no queue, and when it is submitted. */
  private row: number
  private rowAtMs = Infinity
  private copy = 0
  /** Arrivals whose jitter has begun, as (row - firstRow) * copies + copy. */
  private readonly waiting = new EventQueue()

  constructor({ trace, scale }: ScaledTrace, index: number, seed: number) {
    this.jobs = trace.jobs
    this.scale = scale
    this.firstRow = rowAfter(trace, scale.skipMs)
    this.row = this.firstRow
    this.total = (trace.jobs.length - this.firstRow) * scale.copies
    if (this.total > MAX_COUNT) {
      throw new InputError(`${trace.path}: ${formatCount(scale.copies)} copies make `
        + `${formatCount(this.total)} arrivals, more than ${formatCount(MAX_COUNT)}; take fewer`)
    }
    this.streams = scale.jitterMs === 0 ? [] : Array.from({ length: scale.copies }, (_, copy) =>
      randomStream(seed, `traces/${index}/copy/${copy}`))
    this.moveToRow(this.firstRow)
    this.refill()
  }

  next(traceIndex: number): Arrival {
    const atMs = this.headAtMs
    let row = this.row
    let copy = this.copy
    if (this.scale.jitterMs === 0) {
      if (++this.copy === this.scale.copies) {
        this.copy = 0
        this.moveToRow(row + 1)
      }
    } else {
      const place = this.waiting.pop()
      const rows = Math.floor(place / this.scale.copies)
      row = this.firstRow + rows
      copy = place - rows * this.scale.copies
    }
    this.refill()
    return { atMs, job: this.jobs.at(row), traceIndex, copy }
  }

  /**
   * Queues each row that could still bring the first arrival: with its jitter it cannot come
   * before its own submission. Rows enter in their order, so the queue keeps ties in it too.
   */
  private refill(): void {
    if (this.scale.jitterMs === 0) {
      this.headAtMs = this.rowAtMs
      return
    }
    while (this.rowAtMs <= this.waiting.peekAtMs() && this.rowAtMs < Infinity) {
      const base = (this.row - this.firstRow) * this.scale.copies
      for (let copy = 0; copy < this.scale.copies; copy++) {
        const jitterMs = this.streams[copy]!.below(this.scale.jitterMs)
        this.waiting.push(this.rowAtMs + jitterMs, base + copy)
      }
      this.moveToRow(this.row + 1)
    }
    this.headAtMs = this.waiting.peekAtMs()
  }

  private moveToRow(row: number): void {
    this.row = row
    this.rowAtMs = row < this.jobs.length
      ? this.jobs.submitAtMs(row) - this.scale.skipMs : Infinity
  }
}

/** First row at or after the time; a skip that leaves nothing is a mistake. */
export function rowAfter(trace: Trace, skipMs: number): number {
  const { jobs } = trace
  let low = 0
  let high = jobs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (jobs.submitAtMs(middle) < skipMs) low = middle + 1
    else high = middle
  }
  if (low === jobs.length && low > 0) {
    throw new InputError(`${trace.path}: skip=${formatDuration(skipMs)} drops all `
      + `${formatCount(jobs.length)} jobs, the last comes at `
      + `${formatDuration(jobs.submitAtMs(jobs.length - 1))}; skip less`)
  }
  return low
}
