import { formatCount, formatDuration, toSeconds } from '../base/units.ts'
import { InputError } from '../model/error.ts'
import type { JobList, RowCount, Trace, TraceJob } from '../model/arrival.ts'
import type { TraceFormat } from './format.ts'
import { JobColumns } from './jobs.ts'
import { type Line, MAX_TIME_MS, shown } from './line.ts'
import { type JobId, NameTable } from './names.ts'
import { sortedJobs } from './sorted.ts'

/** Where a job is written: its line, and how to complain about it. */
export type Place = Pick<Line, 'number' | 'fail'>

/** Queues of another system that are told apart in the summary; there may be one for each user. */
const MAX_NAMED = 20

/** Collects the jobs of one file and checks what holds for every format: their order and names. */
export class JobSink {
  private readonly format: TraceFormat
  /** Queues of the factory, where foreign names are to be told from its own. */
  private readonly queues: readonly string[] | undefined
  private readonly jobs = new JobColumns()
  private readonly names = new NameTable(this.jobs)
  /** From which job on its line is so far behind its row: lines for each job would cost more. */
  private readonly offsets: { readonly row: number; readonly lines: number }[] = []
  private readonly skipped = new Counts()
  private readonly moved = new Counts()
  private lastAtMs = 0
  private lastLine = 0
  private isOrdered = true

  constructor(format: TraceFormat, queues?: readonly string[]) {
    this.format = format
    this.queues = format.isNamedElsewhere === true ? queues : undefined
  }

  /** Takes a copy of a job. Equal times stay in the order in which they come. */
  add(place: Place, job: TraceJob): void {
    this.check(place, job.id, job.submitAtMs)
    const isKnown = this.queues === undefined || job.queue === '' || this.queues.includes(job.queue)
    this.jobs.push(isKnown ? job : this.inFirstQueue(place, job))
  }

  /** Takes a job that tells no more than this, without an object in between, which costs time. */
  addPlain(
    place: Place,
    id: JobId,
    submitAtMs: number,
    gpus: number,
    workMs: number,
    limitMs = 0,
    memoryPerNodeGiB = 0,
    outcome: TraceJob['outcome'] = 'completed',
    after = '',
  ): void {
    this.check(place, id, submitAtMs)
    this.jobs.pushPlain(id, submitAtMs, gpus, workMs, limitMs, memoryPerNodeGiB, outcome, after)
  }

  /** Counts a row that is no job to run. The cause is one of a few fixed texts. */
  skip(place: Place, cause: string): void {
    this.skipped.count(cause, place.number)
  }

  /** The trace that came of the file, of which so many lines were read. */
  finish(path: string, lines: number): Trace {
    const { format, skipped, moved } = this
    if (this.jobs.length === 0 && skipped.length === 0) {
      const found = lines === 0 ? 'the file is empty' : 'the file ends without a job'
      const row = shown(format.example.trimEnd().split('\n').at(-1)!.trim())
      throw new InputError(
        `${path}:${Math.max(1, lines)}: ${found}; ${format.name} needs rows such as ${row}`)
    }
    const jobs = this.sorted(path)
    return { format: format.name, path, jobs, skipped: skipped.list(), moved: moved.list() }
  }

  /** Checks what is about to become the next row. */
  private check(place: Place, id: JobId, submitAtMs: number): void {
    this.checkOrder(place, submitAtMs)
    const before = this.names.claim(id)
    if (before >= 0) {
      place.fail(`the id ${shown(`${id}`)} is already on line ${formatCount(this.lineOf(before))}; `
        + 'give each job an id of its own')
    }
    const row = this.jobs.length
    const lines = place.number - row
    if (this.offsets.at(-1)?.lines !== lines) this.offsets.push({ row, lines })
  }

  private checkOrder(place: Place, submitAtMs: number): void {
    if (submitAtMs < this.lastAtMs) {
      this.isOrdered = false
      if (this.format.times === 'ordered') {
        place.fail(`it is submitted at ${toSeconds(submitAtMs)} s, before line `
          + `${formatCount(this.lastLine)} at ${toSeconds(this.lastAtMs)} s; `
          + 'sort the rows by the time of submission')
      }
    }
    this.lastAtMs = submitAtMs
    this.lastLine = place.number
  }

  private sorted(path: string): JobList {
    const { times } = this.format
    if (this.jobs.length === 0 || (this.isOrdered && times !== 'calendar')) return this.jobs
    const jobs = sortedJobs(this.jobs, times === 'calendar')
    const lastAtMs = jobs.submitAtMs(jobs.length - 1)
    if (lastAtMs > MAX_TIME_MS) {
      throw new InputError(`${path}:${this.lineOf(jobs.rowOf(0))}: this job is submitted `
        + `${formatDuration(lastAtMs)} before the one on line `
        + `${formatCount(this.lineOf(jobs.rowOf(jobs.length - 1)))}; a trace is at most `
        + `${formatDuration(MAX_TIME_MS)} (40 years) long: correct one of the two`)
    }
    return jobs
  }

  private inFirstQueue(place: Place, job: TraceJob): TraceJob {
    const word = this.moved.has(job.queue) || this.moved.length < MAX_NAMED ? job.queue : ''
    this.moved.count(word, place.number)
    return { ...job, queue: '' }
  }

  private lineOf(row: number): number {
    return row + this.offsets.findLast((offset) => offset.row <= row)!.lines
  }
}

/** How many rows there were of each cause, in the order in which the causes came up. */
class Counts {
  private readonly rows = new Map<string, { count: number; readonly firstLine: number }>()

  get length(): number {
    return this.rows.size
  }

  has(cause: string): boolean {
    return this.rows.has(cause)
  }

  count(cause: string, line: number): void {
    const known = this.rows.get(cause)
    if (known === undefined) this.rows.set(cause, { count: 1, firstLine: line })
    else known.count++
  }

  list(): RowCount[] {
    return Array.from(this.rows, ([cause, { count, firstLine }]) => ({ cause, count, firstLine }))
  }
}
