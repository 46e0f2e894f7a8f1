import { nearestWord } from '../base/text.ts'
import { fromSeconds, parseQuantity, toSeconds } from '../base/units.ts'
import type { TraceJob } from '../model/arrival.ts'
import { type FieldOf, readTable } from './columns.ts'
import { WORKLOADS } from '../workload/index.ts'
import { RAN_NO_TIME, type TableFormat } from './format.ts'
import { type Line, MAX_COUNT, shown } from './line.ts'
import { gibOfBytes } from './memory.ts'

const REQUIRED = ['submit', 'gpus', 'duration'] as const
const OPTIONAL = [
  'id', 'nodes', 'cpus', 'memory', 'limit', 'queue', 'device', 'level', 'priority',
  'checkpoint_every', 'checkpoint_stall', 'outcome', 'workload', 'least_nodes', 'least_run',
  'deadline', 'hero', 'array', 'after', 'speeds', 'class', 'least_speed', 'worth',
] as const

type Column = (typeof REQUIRED)[number] | (typeof OPTIONAL)[number]

const WRITTEN: readonly Column[] = ['id', ...REQUIRED, ...OPTIONAL.slice(1)]

const LEVELS = ['node', 'rack', 'row', 'hall'] as const
const OUTCOMES = ['completed', 'failed', 'cancelled'] as const
const ANSWERS = ['no', 'yes'] as const

/** Millrace's own table: all that a job of a trace can say, and only three columns needed. */
export const csv: TableFormat = {
  name: 'csv',
  summary: `our own table, CSV: ${REQUIRED.join(', ')}, and if wanted ${OPTIONAL.join(', ')}`,
  times: 'ordered',
  header: WRITTEN.join(','),
  example: `id,submit,gpus,duration,limit,memory,level,outcome
warmup,0,8,20m,,,,
"llama, 8B",90,512,2.5h,4h,512 GiB,hall,completed
empty,100s,1,0,,,,
probe,0.5h,1,30,,,node,failed
`,

  begin: (jobs) => readTable(REQUIRED, OPTIONAL, (fieldOf) => {
    const read = rowReader(fieldOf)
    let rows = 0
    return (line) => {
      const job = read(line, ++rows)
      if (job.workMs === 0) jobs.skip(line, RAN_NO_TIME)
      else jobs.add(line, job)
    }
  }),

  rowOf: (job) => [
    quoted(job.id), toSeconds(job.submitAtMs), job.gpus, toSeconds(job.workMs), job.nodes,
    job.cpusPerNode, job.memoryPerNodeGiB, toSeconds(job.limitMs), quoted(job.queue),
    quoted(job.device), job.level, job.priority, toSeconds(job.checkpointEveryMs),
    job.checkpointStallMs < 0 ? '' : toSeconds(job.checkpointStallMs), job.outcome,
    job.workload, job.leastNodes, toSeconds(job.leastRunMs), toSeconds(job.deadlineAtMs),
    ANSWERS[job.isHero ? 1 : 0], quoted(job.array), quoted(job.after), quoted(job.speeds),
    quoted(job.class), job.leastSpeed, job.worth,
  ].join(','),
}

/** Reads rows whose columns are in the given fields; a column that is not there is as if empty. */
function rowReader(fieldOf: FieldOf): (line: Line, row: number) => TraceJob {
  const field = Object.fromEntries(
    WRITTEN.map((column) => [column, fieldOf(column)])) as Record<Column, number>
  const has = (line: Line, column: Column) =>
    field[column] >= 0 && !line.isEmptyAt(field[column])
  const count = (line: Line, column: Column) =>
    has(line, column) ? line.countAt(field[column], column) : 0
  const name = (line: Line, column: Column) =>
    has(line, column) ? line.nameAt(field[column], column) : ''
  const time = (line: Line, column: Column, otherwise: number) =>
    has(line, column) ? timeMsAt(line, field[column], column) : otherwise
  return (line, row) => {
    const job: TraceJob = {
      id: has(line, 'id') ? name(line, 'id') : `${row}`,
      submitAtMs: timeMsAt(line, field.submit, 'submit'),
      gpus: line.countAt(field.gpus, 'gpus'),
      nodes: count(line, 'nodes'),
      cpusPerNode: count(line, 'cpus'),
      memoryPerNodeGiB: has(line, 'memory') ? memoryAt(line, field.memory) : 0,
      limitMs: time(line, 'limit', 0),
      queue: name(line, 'queue'),
      device: name(line, 'device'),
      level: has(line, 'level') ? wordAt(line, field.level, 'level', LEVELS) : '',
      priority: has(line, 'priority') ? priorityAt(line, field.priority) : 0,
      leastNodes: count(line, 'least_nodes'),
      leastRunMs: time(line, 'least_run', 0),
      deadlineAtMs: time(line, 'deadline', 0),
      isHero: has(line, 'hero') && wordAt(line, field.hero, 'hero', ANSWERS) === 'yes',
      array: name(line, 'array'),
      after: has(line, 'after') ? afterAt(line, field.after) : '',
      speeds: has(line, 'speeds') ? speedsAt(line, field.speeds) : '',
      class: name(line, 'class'),
      leastSpeed: has(line, 'least_speed') ? numberAt(line, field.least_speed, 'least_speed', 0, 1)
        : 0,
      worth: has(line, 'worth') ? numberAt(line, field.worth, 'worth', WORTH_LEAST, WORTH_MOST) : 1,
      workload: has(line, 'workload')
        ? wordAt(line, field.workload, 'workload', Object.keys(WORKLOADS)) : '',
      workMs: timeMsAt(line, field.duration, 'duration'),
      checkpointEveryMs: time(line, 'checkpoint_every', 0),
      checkpointStallMs: time(line, 'checkpoint_stall', -1),
      outcome: has(line, 'outcome')
        ? wordAt(line, field.outcome, 'outcome', OUTCOMES) : 'completed',
    }
    checkRequest(line, job)
    return job
  }
}

/** Seconds, or a number with a unit: "90", "90s", "1.5h", "20d". */
function timeMsAt(line: Line, field: number, column: Column): number {
  const seconds = line.numberAt(field)
  if (!Number.isNaN(seconds)) return line.checkTimeMs(fromSeconds(seconds), field, column)
  const parsed = parseQuantity(line.textAt(field), 'duration')
  if ('problem' in parsed) {
    return line.failOnField(field, column, 'write seconds such as 90, or 250ms, 90s, 20m, 1.5h, 2d')
  }
  return line.checkTimeMs(parsed.value, field, column)
}

/** GiB, or a number with a unit: "512", "512 GiB", "1.5 TB". */
function memoryAt(line: Line, field: number): number {
  const gib = line.numberAt(field)
  const parsed = parseQuantity(line.textAt(field), 'memory')
  const size = !Number.isNaN(gib) ? gib : 'value' in parsed ? gibOfBytes(parsed.value) : NaN
  if (size >= 0 && size <= MAX_COUNT) return size
  return line.failOnField(field, 'memory', 'write GiB such as 512, or 512 GiB, 1.5 TB')
}

function priorityAt(line: Line, field: number): number {
  const priority = line.numberAt(field)
  if (Number.isInteger(priority) && Math.abs(priority) <= MAX_COUNT) return priority
  return line.failOnField(field, 'priority', 'write a whole number, negative ones too')
}

/** What an hour of a device may be worth against that of others. */
const WORTH_LEAST = 1e-6
const WORTH_MOST = 1e6

function numberAt(line: Line, field: number, column: Column, least: number, most: number): number {
  const number = line.numberAt(field)
  if (number >= least && number <= most) return number
  return line.failOnField(field, column, `write a number from ${least} to ${most}`)
}

/** Slurm's words: "afterok:12:13,afterany:14". */
function afterAt(line: Line, field: number): string {
  const text = line.textAt(field)
  if (/^after(ok|any):[^:,]+(:[^:,]+)*(,after(ok|any):[^:,]+(:[^:,]+)*)*$/.test(text)) return text
  return line.failOnField(field, 'after', 'write ids of jobs to wait for such as afterok:12:13, or '
    + '"afterok:12,afterany:14" in quotes')
}

/** "H100=1,B200=2.1", or a name of a class of work, which the factory knows. */
function speedsAt(line: Line, field: number): string {
  const text = line.textAt(field)
  if (SPEEDS.test(text)) return text
  return line.failOnField(field, 'speeds', 'write throughput by device type such as '
    + '"H100=1,B200=2.1" in quotes, or a class of work such as finetuning')
}

const SPEEDS = /^([A-Za-z][A-Za-z0-9-]*|[^=, ]+=[0-9.]+(,[^=, ]+=[0-9.]+)*)$/

function wordAt<Word extends string>(
  line: Line, field: number, column: Column, words: readonly Word[],
): Word {
  const text = line.textAt(field)
  const word = words.find((known) => known === text)
  if (word !== undefined) return word
  const near = nearestWord(text, words)
  const hint = near === undefined ? '' : `, the nearest is ${near}`
  return line.fail(`${column} is ${shown(text)}${hint}; write ${words.join(', ')}`)
}

/** A job has to ask for something, and a node of it for at least one device. */
function checkRequest(line: Line, job: TraceJob): void {
  if (job.gpus > 0 && job.nodes > job.gpus) {
    line.fail(`${job.gpus} gpus cannot spread over ${job.nodes} nodes; `
      + 'write fewer nodes, or 0 for as few as hold them')
  }
  if (job.leastNodes > 0 && (job.gpus === 0 || job.leastNodes > job.nodes)) {
    line.fail(`least_nodes is ${job.leastNodes} of ${job.nodes} nodes and ${job.gpus} gpus; `
      + 'only a job with gpus that names its nodes can run on fewer, down to 1')
  }
  if (job.gpus === 0 && job.nodes === 0) {
    line.fail('gpus and nodes are both 0; write the nodes that a job without GPUs takes')
  }
}

function quoted(text: string): string {
  return /[",]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
