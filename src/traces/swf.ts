import { fromSeconds, toSeconds } from '../base/units.ts'
import type { TraceJob } from '../model/arrival.ts'
import { ASKS_FOR_NOTHING, NEVER_STARTED, RAN_NO_TIME, type TableFormat } from './format.ts'
import { type Line, MAX_COUNT } from './line.ts'
import { gibOfKib } from './memory.ts'
import type { JobSink } from './sink.ts'

/** The 18 fields of version 2.2, https://www.cs.huji.ac.il/labs/parallel/workload/swf.html. */
const FIELDS = [
  'job number', 'submit time', 'wait time', 'run time', 'allocated processors',
  'average CPU time', 'used memory', 'requested processors', 'requested time',
  'requested memory', 'status', 'user', 'group', 'executable', 'queue', 'partition',
  'preceding job', 'think time',
].map((name, field) => `field ${field + 1} (${name})`)

const JOB = 0
const SUBMIT = 1
const RUN = 3
const ALLOCATED = 4
const REQUESTED = 7
const LIMIT = 8
const MEMORY = 9
const STATUS = 10
const PRECEDING = 16

/** Fields that hold whole numbers; times and memory may have decimals. */
const IS_WHOLE = FIELDS.map((_, field) =>
  [JOB, ALLOCATED, REQUESTED, 10, 11, 12, 13, 14, 15, 16].includes(field))

const FAILED = 0
const CANCELLED = 5

const SEMICOLON = 59

/**
 * The Standard Workload Format of the Parallel Workloads Archive. A processor is a GPU. The
 * archive's users, groups, queues and partitions are checked, but are none of this factory's.
 */
export const swf: TableFormat = {
  name: 'swf',
  summary: 'Standard Workload Format 2.2 of the Parallel Workloads Archive; a processor is a GPU',
  times: 'ordered',
  header: '',
  example: `; Version: 2.2
; MaxProcs: 128
1 187 -1 3387 2 -1 -1 2 3600 -1 1 1 1 -1 1 -1 -1 -1
2 508 12 298 2 290.5 -1 2 3600 -1 0 1 1 -1 1 -1 -1 -1
3 624 -1 -1 -1 -1 -1 16 3600 -1 5 1 1 -1 1 -1 -1 -1
4 893 -1 3745 1 -1 -1 1 7200 1048576 1 1 1 -1 1 -1 -1 -1
`,

  begin: (jobs) => {
    const values = new Float64Array(FIELDS.length)
    return (line) => {
      const first = line.firstByte()
      if (first === SEMICOLON || first < 0) return
      readFields(line, values)
      takeJob(jobs, line, values)
    }
  },

  rowOf: (job, row) => {
    const limitS = job.limitMs === 0 ? -1 : toSeconds(job.limitMs)
    const status = job.outcome === 'failed' ? FAILED : job.outcome === 'cancelled' ? CANCELLED : 1
    return `${row + 1} ${toSeconds(job.submitAtMs)} -1 ${toSeconds(job.workMs)} ${job.gpus} -1 -1 `
      + `${job.gpus} ${limitS} -1 ${status} -1 -1 -1 -1 -1 ${precedingOf(job.after)} -1`
  },
}

/** The one job whose end it waits for, as far as SWF can say it. */
function precedingOf(after: string): string {
  return /^afterany:([0-9]+)$/.exec(after)?.[1] ?? '-1'
}

/** Reads and checks all fields of a row, also those that no job of ours has. */
function readFields(line: Line, values: Float64Array): void {
  line.splitBlanks()
  if (line.fields !== FIELDS.length) {
    line.fail(`the row has ${line.fields} fields, SWF has ${FIELDS.length} `
      + '(job, submit, wait, run, processors, …); write -1 for what is unknown')
  }
  for (let field = 0; field < FIELDS.length; field++) {
    const value = line.numberAt(field)
    if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER) && value !== -1) {
      failOnField(line, field, 'write a number from 0, or -1 where it is unknown')
    }
    if (IS_WHOLE[field]! && (!Number.isInteger(value) || value > MAX_COUNT)) {
      failOnField(line, field, 'write a whole number of at most 31 bits, or -1')
    }
    values[field] = value
  }
  if (values[STATUS]! > CANCELLED) failOnField(line, STATUS, 'write -1 or 0 to 5')
}

function takeJob(jobs: JobSink, line: Line, values: Float64Array): void {
  const status = values[STATUS]!
  // Such rows repeat a job that was swapped out; its whole is in a row of status 0 or 1.
  if (status >= 2 && status <= 4) return jobs.skip(line, 'part of a job listed as a whole')
  const submitAtMs = timeMsOf(line, values, SUBMIT)
  if (values[JOB]! < 0) failOnField(line, JOB, 'write a number from 0')
  const allocated = values[ALLOCATED]!
  const gpus = allocated > 0 ? allocated : values[REQUESTED]!
  const runs = values[RUN]!
  if (status === CANCELLED && (runs <= 0 || allocated === 0)) {
    return jobs.skip(line, NEVER_STARTED)
  }
  if (runs < 0) return jobs.skip(line, 'run time unknown')
  if (runs === 0) return jobs.skip(line, RAN_NO_TIME)
  if (gpus <= 0) return jobs.skip(line, ASKS_FOR_NOTHING)
  const workMs = timeMsOf(line, values, RUN)
  const limitMs = values[LIMIT]! > 0 ? timeMsOf(line, values, LIMIT) : 0
  const memoryPerNodeGiB = memoryOf(values[MEMORY]!, gpus)
  const id = values[JOB]!
  const preceding = values[PRECEDING]!
  // Job numbers count up, so a greater one is no job that came before.
  const after = preceding > 0 && preceding < id ? `afterany:${preceding}` : ''
  jobs.addPlain(line, id, submitAtMs, gpus, workMs, limitMs, memoryPerNodeGiB, outcomeOf(status),
    after)
}

function timeMsOf(line: Line, values: Float64Array, field: number): number {
  return line.checkTimeMs(fromSeconds(values[field]!), field, FIELDS[field]!)
}

/**
 * SWF gives memory for each processor and we ask for it on each node. Only for a job of one
 * processor is that the same; a gang gets the share of its devices.
 */
function memoryOf(kib: number, gpus: number): number {
  return kib > 0 && gpus === 1 ? gibOfKib(kib) : 0
}

/** An unknown status (-1), as models write it, counts as completed. */
function outcomeOf(status: number): TraceJob['outcome'] {
  if (status === FAILED) return 'failed'
  return status === CANCELLED ? 'cancelled' : 'completed'
}

function failOnField(line: Line, field: number, remedy: string): never {
  return line.failOnField(field, FIELDS[field]!, remedy)
}
