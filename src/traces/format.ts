import type { TraceJob } from '../model/arrival.ts'
import type { Line } from './line.ts'
import type { JobSink } from './sink.ts'

/**
 * How one kind of file says which jobs there were. One file a format, registered in `index.ts`.
 * Most are tables, read line by line; a document is read as a whole.
 */
export type TraceFormat = TableFormat | DocumentFormat

export type TableFormat = Common & {
  /** The columns of the first line, or '' where the format has none. */
  readonly header: string
  /** Starts a file; what it returns takes each of its lines, and hands on jobs and skipped rows. */
  readonly begin: (jobs: JobSink) => (line: Line) => void
  /**
   * The job as a row of this format, counting rows from 0. What the format has no column for is
   * left out; times of whole seconds can be written in all of them.
   */
  readonly rowOf: (job: TraceJob, row: number) => string
}

type DocumentFormat = Common & {
  /** Reads the text of a whole file. */
  readonly read: (text: string, path: string, jobs: JobSink) => void
}

type Common = {
  readonly name: string
  /** One line for `--help`. */
  readonly summary: string
  /** A small file that reads without a complaint. */
  readonly example: string
  readonly times: Times
  /** Queues are named as another system does: see `JobSink`. */
  readonly isNamedElsewhere?: true
}

/**
 * In which order jobs stand and from when their times count. `ordered`: by submission, from the
 * start of the trace. `sorted`: as they come, from the start, and they are sorted here. `calendar`:
 * as they come, by a calendar; they are sorted, and the first submission is the start.
 */
export type Times = 'ordered' | 'sorted' | 'calendar'

/** Why a row is no job to run, in the words of every format. */
export const ASKS_FOR_NOTHING = 'asks for no GPU'
export const RAN_NO_TIME = 'ran for 0 s'
export const NEVER_STARTED = 'cancelled before it started'
