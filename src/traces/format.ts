import type { TraceJob } from '../model/arrival.ts'
import type { Line } from './line.ts'
import type { JobSink } from './sink.ts'

/** How one kind of file says which jobs there were. One file a format, registered in `index.ts`. */
export type TraceFormat = {
  readonly name: string
  /** One line for `--help`. */
  readonly summary: string
  /** The columns of the first line, or '' where the format has none. */
  readonly header: string
  /** A small file that reads without a complaint. */
  readonly example: string
  /** Starts a file; what it returns takes each of its lines, and hands on jobs and skipped rows. */
  readonly begin: (jobs: JobSink) => (line: Line) => void
  /**
   * The job as a row of this format, counting rows from 0. What the format has no column for is
   * left out; times of whole seconds can be written in all of them.
   */
  readonly rowOf: (job: TraceJob, row: number) => string
}

/** Why a row is no job to run, in the words of every format. */
export const ASKS_FOR_NOTHING = 'asks for no GPU'
export const RAN_NO_TIME = 'ran for 0 s'
