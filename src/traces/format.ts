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

/**
 * A job of which a trace tells no more than this. Written out, not spread over a default: that
 * costs half a second in a million jobs.
 */
export function plainJob(
  id: string,
  submitAtMs: number,
  gpus: number,
  workMs: number,
  limitMs = 0,
  memoryPerNodeGiB = 0,
  outcome: TraceJob['outcome'] = 'completed',
): TraceJob {
  return {
    id,
    submitAtMs,
    gpus,
    nodes: 0,
    cpusPerNode: 0,
    memoryPerNodeGiB,
    limitMs,
    queue: '',
    device: '',
    level: '',
    priority: 0,
    workload: '',
    workMs,
    checkpointEveryMs: 0,
    checkpointStallMs: -1,
    outcome,
  }
}

/** Why a row is no job to run, in the words of every format. */
export const ASKS_FOR_NOTHING = 'asks for no GPU'
export const RAN_NO_TIME = 'ran for 0 s'
