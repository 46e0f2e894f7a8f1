import { formatCount, toSeconds } from '../base/units.ts'
import { InputError } from '../model/error.ts'
import type { SkippedRows, Trace, TraceJob } from '../model/arrival.ts'
import type { TraceFormat } from './format.ts'
import { JobColumns } from './jobs.ts'
import { type Line, shown } from './line.ts'
import { type JobId, NameTable } from './names.ts'

/** Collects the jobs of one file and checks what holds for every format: their order and names. */
export class JobSink {
  private readonly jobs = new JobColumns()
  private readonly names = new NameTable(this.jobs)
  /** From which job on its line is so far behind its row: lines for each job would cost more. */
  private readonly offsets: { readonly row: number; readonly lines: number }[] = []
  private readonly skipped = new Map<string, { count: number; readonly firstLine: number }>()
  private lastAtMs = 0
  private lastLine = 0

  /** Takes a copy of a job. Rows come in the order of submission, equal times as they come. */
  add(line: Line, job: TraceJob): void {
    this.check(line, job.id, job.submitAtMs)
    this.jobs.push(job)
  }

  /** Takes a job that tells no more than this, without an object in between, which costs time. */
  addPlain(
    line: Line,
    id: JobId,
    submitAtMs: number,
    gpus: number,
    workMs: number,
    limitMs = 0,
    memoryPerNodeGiB = 0,
    outcome: TraceJob['outcome'] = 'completed',
  ): void {
    this.check(line, id, submitAtMs)
    this.jobs.pushPlain(id, submitAtMs, gpus, workMs, limitMs, memoryPerNodeGiB, outcome)
  }

  /** Counts a row that is no job to run. The cause is one of a few fixed texts. */
  skip(line: Line, cause: string): void {
    const known = this.skipped.get(cause)
    if (known === undefined) this.skipped.set(cause, { count: 1, firstLine: line.number })
    else known.count++
  }

  finish(format: TraceFormat, path: string, lines: number): Trace {
    const skipped: SkippedRows[] = []
    for (const [cause, { count, firstLine }] of this.skipped) {
      skipped.push({ cause, count, firstLine })
    }
    if (this.jobs.length === 0 && skipped.length === 0) {
      const found = lines === 0 ? 'the file is empty' : 'the file ends without a job'
      const row = shown(format.example.trimEnd().split('\n').at(-1)!)
      throw new InputError(
        `${path}:${Math.max(1, lines)}: ${found}; ${format.name} needs rows such as ${row}`)
    }
    return { format: format.name, path, jobs: this.jobs, skipped }
  }

  /** Checks what is about to become the next row. */
  private check(line: Line, id: JobId, submitAtMs: number): void {
    this.checkOrder(line, submitAtMs)
    const before = this.names.claim(id)
    if (before >= 0) {
      line.fail(`the id ${shown(`${id}`)} is already on line ${formatCount(this.lineOf(before))}; `
        + 'give each job an id of its own')
    }
    const row = this.jobs.length
    const lines = line.number - row
    if (this.offsets.at(-1)?.lines !== lines) this.offsets.push({ row, lines })
  }

  private checkOrder(line: Line, submitAtMs: number): void {
    if (submitAtMs < this.lastAtMs) {
      line.fail(`it is submitted at ${toSeconds(submitAtMs)} s, before line `
        + `${formatCount(this.lastLine)} at ${toSeconds(this.lastAtMs)} s; `
        + 'sort the rows by the time of submission')
    }
    this.lastAtMs = submitAtMs
    this.lastLine = line.number
  }

  private lineOf(row: number): number {
    return row + this.offsets.findLast((offset) => offset.row <= row)!.lines
  }
}
