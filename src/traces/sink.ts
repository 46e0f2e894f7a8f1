import { formatCount, toSeconds } from '../base/units.ts'
import { InputError } from '../model/error.ts'
import type { SkippedRows, Trace, TraceJob } from '../model/arrival.ts'
import type { TraceFormat } from './format.ts'
import { type Line, shown } from './line.ts'
import { NameTable } from './names.ts'

/** Collects the jobs of one file and checks what holds for every format: their order and names. */
export class JobSink {
  private readonly jobs: TraceJob[] = []
  private readonly names = new NameTable(this.jobs)
  /** From which job on its line is so far behind its row: lines for each job would cost more. */
  private readonly offsets: { readonly row: number; readonly lines: number }[] = []
  private readonly skipped = new Map<string, { count: number; readonly firstLine: number }>()
  private lastAtMs = 0
  private lastLine = 0

  /** Takes a job. Rows come in the order of their submission, equal times as they come. */
  add(line: Line, job: TraceJob): void {
    this.checkOrder(line, job.submitAtMs)
    const before = this.names.claim(job.id)
    if (before >= 0) {
      line.fail(`the id ${shown(job.id)} is already on line ${formatCount(this.lineOf(before))}; `
        + 'give each job an id of its own')
    }
    const row = this.jobs.push(job) - 1
    const lines = line.number - row
    if (this.offsets.at(-1)?.lines !== lines) this.offsets.push({ row, lines })
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

  private lineOf(row: number): number {
    return row + this.offsets.findLast((offset) => offset.row <= row)!.lines
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
}
