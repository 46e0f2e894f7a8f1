import type { JobList, TraceJob } from '../model/arrival.ts'
import type { JobColumns } from './jobs.ts'

/** Jobs in another order than their rows. `rowOf` is the row of the job at a place. */
export type SortedJobs = JobList & { readonly rowOf: (place: number) => number }

/**
 * The jobs by submission, equal times as they came; from the first one on where `isFromFirst`, else
 * from where their times count. Four bytes a job.
 */
export function sortedJobs(jobs: JobColumns, isFromFirst: boolean): SortedJobs {
  const { length } = jobs
  const rows = Int32Array.from({ length }, (_, row) => row)
  rows.sort((a, b) => jobs.submitAtMs(a) - jobs.submitAtMs(b) || a - b)
  const startMs = isFromFirst ? jobs.submitAtMs(rows[0]!) : 0
  const submitAtMs = (place: number) => jobs.submitAtMs(rows[place]!) - startMs
  const at = (place: number): TraceJob => {
    const job = jobs.at(rows[place]!)
    return startMs === 0 ? job : { ...job, submitAtMs: job.submitAtMs - startMs }
  }
  return {
    length,
    rowOf: (place) => rows[place]!,
    submitAtMs,
    at,
    * [Symbol.iterator]() {
      for (let place = 0; place < length; place++) yield at(place)
    },
  }
}
