import { formatCount } from '../base/units.ts'
import type { Trace } from '../model/arrival.ts'
import type { TraceFormat } from './format.ts'
import { traceFormat } from './index.ts'
import { readLines } from './lines.ts'
import { JobSink } from './sink.ts'

/**
 * Reads a trace by the name of its format; gzip is known by its first bytes. All that is wrong
 * with the file is an InputError "FILE:LINE: what was found; what would do". A row costs 1 to 5 us.
 * With the queues of a factory, jobs that name another system's queues go to the first one.
 */
export async function readTrace(
  format: string, path: string, queues?: readonly string[]): Promise<Trace> {
  const known = traceFormat(format)
  const jobs = new JobSink(known, queues)
  const lines = await readFile(known, path, jobs)
  return jobs.finish(path, lines)
}

/** A document says how its jobs are made: a few thousand characters do. */
const MAX_TEXT = 4_000_000

/** Hands the file to its format; returns how many lines it has. */
async function readFile(format: TraceFormat, path: string, jobs: JobSink): Promise<number> {
  if ('begin' in format) return readLines(path, format.begin(jobs))
  let text = ''
  const lines = await readLines(path, (line) => {
    text += `${line.text()}\n`
    if (text.length > MAX_TEXT) {
      line.fail(`the file has more than ${formatCount(MAX_TEXT)} characters; a few thousand do for `
        + format.name)
    }
  })
  if (lines > 0) format.read(text, path, jobs)
  return lines
}
