import { formatClock, fromMinutes, parseClock, toSeconds } from '../base/units.ts'
import { nearestWord } from '../base/text.ts'
import { PLAIN_ARRIVAL, type TraceJob } from '../model/arrival.ts'
import { type FieldOf, readTable } from './columns.ts'
import { NEVER_STARTED, RAN_NO_TIME, type TableFormat } from './format.ts'
import { type Line, shown } from './line.ts'
import { gibOfSlurm } from './memory.ts'
import { momentMsAt } from './moment.ts'
import type { JobSink } from './sink.ts'
import { type Resources, resourcesAt } from './tres.ts'

const REQUIRED = ['JobID', 'Submit', 'State'] as const
const OPTIONAL = [
  'Elapsed', 'ElapsedRaw', 'Start', 'End', 'AllocTRES', 'ReqTRES', 'Timelimit', 'TimelimitRaw',
  'Partition', 'Account', 'ReqMem',
] as const

type Column = (typeof REQUIRED)[number] | (typeof OPTIONAL)[number]
type Fields = Readonly<Record<Column, number>>

const NO_TIME = /^(Unknown|None)?$/

const PENDING = 'had not started'
const RUNNING = 'had not ended'

/** How a job in each state ends here, or why its row is no job to run. */
const STATES: Readonly<Record<string, TraceJob['outcome'] | { readonly cause: string }>> = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  OUT_OF_MEMORY: 'failed',
  TIMEOUT: 'failed',
  DEADLINE: 'failed',
  NODE_FAIL: 'failed',
  BOOT_FAIL: 'failed',
  LAUNCH_FAILED: 'failed',
  CANCELLED: 'cancelled',
  PREEMPTED: 'cancelled',
  RUNNING: { cause: RUNNING },
  SUSPENDED: { cause: RUNNING },
  STOPPED: { cause: RUNNING },
  RESIZING: { cause: RUNNING },
  SIGNALING: { cause: RUNNING },
  STAGE_OUT: { cause: RUNNING },
  COMPLETING: { cause: RUNNING },
  PENDING: { cause: PENDING },
  CONFIGURING: { cause: PENDING },
  POWER_UP_NODE: { cause: PENDING },
  RESV_DEL_HOLD: { cause: PENDING },
  REQUEUE_FED: { cause: PENDING },
  REQUEUE_HOLD: { cause: PENDING },
  SPECIAL_EXIT: { cause: PENDING },
  REQUEUED: { cause: 'a run before it was requeued' },
  REVOKED: { cause: 'ran on another cluster' },
}

/**
 * Accounting of a Slurm cluster, as `sacct --parsable2` prints it (slurm.schedmd.com/sacct.html):
 * steps, jobs that never ran and jobs that still run are skipped. sacct sorts by job, so jobs are
 * sorted by their submission here. Times are the cluster's own; the first submission is the start.
 */
export const sacct: TableFormat = {
  name: 'sacct',
  summary: 'accounting of a Slurm cluster, sacct --parsable2: JobID, Submit, State, Elapsed, '
    + 'AllocTRES, and if wanted Timelimit, Partition and others',
  times: 'calendar',
  isNamedElsewhere: true,
  header: 'JobID|Submit|State|Elapsed|AllocTRES',
  example: `JobID|JobName|Partition|Submit|Elapsed|Timelimit|State|AllocTRES
41|llama|train|2026-08-29T05:50:02|2-03:12:40|3-00:00:00|COMPLETED|cpu=224,gres/gpu=16,node=2
41.batch|batch||2026-08-29T05:52:31|2-03:12:40||COMPLETED|cpu=112,gres/gpu=8,node=1
40_1|sweep|train|2026-08-29T05:40:00|00:31:07|01:00:00|TIMEOUT|cpu=14,gres/gpu:h100=1,node=1
43|eval|short|2026-08-29T06:00:00|00:00:00|00:30:00|CANCELLED by 1000|
`,

  begin: (jobs) => readTable(REQUIRED, 'any', (fieldOf, header) => {
    const fields = fieldsOf(fieldOf, header)
    return (line) => takeRow(jobs, line, fields)
  }, {
    split: (line) => line.splitBars(),
    remedy: 'a JobName or Comment may hold a |, so leave such columns out of --format',
  }),

  rowOf: (job) => `${job.id}|${toSeconds(job.submitAtMs)}|${job.outcome.toUpperCase()}|`
    + `${formatClock(job.workMs)}|cpu=1,gres/gpu=${job.gpus},node=1`,
}

function fieldsOf(fieldOf: FieldOf, header: Line): Fields {
  const fields = Object.fromEntries([...REQUIRED, ...OPTIONAL].map((column) =>
    [column, fieldOf(column)])) as Record<Column, number>
  const has = (column: Column) => fields[column] >= 0
  if (!has('Elapsed') && !has('ElapsedRaw') && !(has('Start') && has('End'))) {
    missing(header, 'Elapsed', 'Elapsed, ElapsedRaw, or Start and End')
  }
  if (!has('AllocTRES') && !has('ReqTRES')) missing(header, 'AllocTRES', 'AllocTRES or ReqTRES')
  return fields
}

function missing(header: Line, column: string, needed: string): never {
  const found: string[] = []
  for (let field = 0; field < header.fields; field++) found.push(header.textAt(field))
  header.fail(`the column ${column} is missing; found ${shown(found.join('|'))}, needed ${needed}`)
}

function takeRow(jobs: JobSink, line: Line, fields: Fields): void {
  const id = line.nameAt(fields.JobID, 'JobID')
  const array = arrayOf(line, id)
  if (array.cause !== '') return jobs.skip(line, array.cause)
  const state = stateAt(line, fields.State)
  if (typeof state !== 'string') return jobs.skip(line, state.cause)
  const submitAtMs = momentMsAt(line, fields.Submit, 'Submit')
  const workMs = workMsAt(line, fields)
  if (Number.isNaN(workMs)) return jobs.skip(line, 'its end was not recorded')
  if (workMs === 0) return jobs.skip(line, state === 'cancelled' ? NEVER_STARTED : RAN_NO_TIME)
  const resources = resourcesOf(line, fields)
  if (resources === undefined) return jobs.skip(line, 'its resources were not recorded')
  const queue = fields.Partition >= 0 ? fields.Partition : fields.Account
  jobs.add(line, {
    id,
    submitAtMs,
    ...askOf(line, fields, resources),
    limitMs: limitMsAt(line, fields),
    queue: queue < 0 || line.isEmptyAt(queue) ? '' : line.nameAt(queue, 'Partition'),
    device: '',
    level: '',
    priority: 0,
    ...PLAIN_ARRIVAL,
    array: array.name,
    workload: '',
    workMs,
    checkpointEveryMs: 0,
    checkpointStallMs: -1,
    outcome: state,
  })
}

/** The array that a job is of, or why its row is none: "12", "12_3", "12_[4-9]", "12+1", "12.0". */
function arrayOf(line: Line, id: string): { readonly name: string; readonly cause: string } {
  const match = /^(\d+)(?:_(\d+)|(_\[.*\]?)|(\+\d+))?(\.\S+)?$/.exec(id)
  if (match === null) {
    return line.fail(`JobID is ${shown(id)}; write it as sacct does, such as 12, 12_3 or 12.batch`)
  }
  const [, job, task, rest, part, step] = match
  if (step !== undefined) return { name: '', cause: 'step of a job' }
  if (part !== undefined) return { name: '', cause: 'part of a heterogeneous job' }
  // The tasks that ran have rows of their own.
  if (rest !== undefined) return { name: '', cause: 'rest of an array that had not started' }
  return { name: task === undefined ? '' : job!, cause: '' }
}

/** "CANCELLED by 1000" is a state and who did it. */
function stateAt(line: Line, field: number) {
  const text = line.nameAt(field, 'State')
  const word = text.split(' ')[0]!
  const state = Object.hasOwn(STATES, word) ? STATES[word] : undefined
  if (state !== undefined) return state
  const near = nearestWord(word, Object.keys(STATES))
  const hint = near === undefined ? '' : `, the nearest is ${near}`
  return line.fail(`State is ${shown(text)}${hint}; write a state of Slurm such as COMPLETED, `
    + 'FAILED, CANCELLED, TIMEOUT')
}

/** How long it ran, without the time in which it was suspended where Elapsed is there. */
function workMsAt(line: Line, { Elapsed, ElapsedRaw, Start, End }: Fields): number {
  if (ElapsedRaw >= 0) return line.timeMsAt(ElapsedRaw, 'ElapsedRaw')
  if (Elapsed >= 0) return clockMsAt(line, Elapsed, 'Elapsed')
  if (NO_TIME.test(line.textAt(Start))) return 0
  if (NO_TIME.test(line.textAt(End))) return NaN
  const ranMs = momentMsAt(line, End, 'End') - momentMsAt(line, Start, 'Start')
  if (ranMs >= 0) return line.checkTimeMs(ranMs, End, 'End')
  return line.fail(`End ${shown(line.textAt(End))} is before Start ${shown(line.textAt(Start))}; `
    + 'print times of one zone, such as with TZ=UTC')
}

function clockMsAt(line: Line, field: number, column: Column): number {
  const ms = parseClock(line.textAt(field))
  if (!Number.isNaN(ms)) return line.checkTimeMs(ms, field, column)
  return line.failOnField(field, column, 'write days, hours, minutes, seconds as 1-02:03:04')
}

/** 0 where there is none: UNLIMITED, or Partition_Limit while a job without one still waits. */
function limitMsAt(line: Line, { Timelimit, TimelimitRaw }: Fields): number {
  const field = TimelimitRaw >= 0 ? TimelimitRaw : Timelimit
  if (field < 0 || /^(UNLIMITED|Partition_Limit)?$/i.test(line.textAt(field))) return 0
  if (field === Timelimit) return clockMsAt(line, field, 'Timelimit')
  return line.checkTimeMs(fromMinutes(line.countAt(field, 'TimelimitRaw')), field, 'TimelimitRaw')
}

/** What it had; what it asked for where that was not recorded. */
function resourcesOf(line: Line, { AllocTRES, ReqTRES }: Fields): Resources | undefined {
  const had = AllocTRES < 0 ? undefined : resourcesAt(line, AllocTRES, 'AllocTRES')
  return had ?? (ReqTRES < 0 ? undefined : resourcesAt(line, ReqTRES, 'ReqTRES'))
}

/**
 * A job with GPUs asks for these alone: how many nodes, cores and GiB go with them is decided
 * where it runs, for Slurm may count threads as CPUs and its nodes were others. One without asks
 * for what it had on each node.
 */
function askOf(line: Line, fields: Fields, { gpus, cpus, memoryGiB, ...resources }: Resources) {
  if (gpus > 0) return { gpus, nodes: 0, cpusPerNode: 0, memoryPerNodeGiB: 0 }
  const nodes = Math.max(1, resources.nodes)
  const cpusPerNode = Math.max(1, Math.ceil(cpus / nodes))
  const memoryPerNodeGiB = memoryGiB > 0 ? memoryGiB / nodes
    : requestedGiB(line, fields.ReqMem, nodes, cpusPerNode)
  return { gpus, nodes, cpusPerNode, memoryPerNodeGiB }
}

/** ReqMem is for the whole job; before Slurm 21.08 an "n" or "c" made it one node's or core's. */
function requestedGiB(line: Line, field: number, nodes: number, cpusPerNode: number): number {
  if (field < 0 || line.isEmptyAt(field)) return 0
  const text = line.textAt(field)
  const gib = gibOfSlurm(text.replace(/[nc]$/, ''))
  if (Number.isNaN(gib)) line.failOnField(field, 'ReqMem', 'write a size such as 64G')
  if (text.endsWith('n')) return gib
  return text.endsWith('c') ? gib * cpusPerNode : gib / nodes
}
