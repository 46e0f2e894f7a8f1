import type { Trace } from '../model/arrival.ts'
import { traceFormat } from './index.ts'
import { readLines } from './lines.ts'
import { JobSink } from './sink.ts'

/**
 * Reads a trace by the name of its format; gzip is known by its first bytes. All that is wrong
 * with the file is an InputError "FILE:LINE: what was found; what would do". A row costs 1 to 5 us.
 */
export async function readTrace(format: string, path: string): Promise<Trace> {
  const known = traceFormat(format)
  const jobs = new JobSink()
  const lines = await readLines(path, known.begin(jobs))
  return jobs.finish(known, path, lines)
}
