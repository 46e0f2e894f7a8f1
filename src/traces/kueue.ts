import { formatCount } from '../base/units.ts'
import { listed, type Path } from '../catalog/problem.ts'
import { InputError } from '../model/error.ts'
import { PLAIN_ARRIVAL, type TraceJob } from '../model/arrival.ts'
import { RAN_NO_TIME, type TraceFormat } from './format.ts'
import {
  readKueueFile, type KueueDocument, type KueueFile, type KueueWorkload, type WorkloadsSet,
} from './kueue-file.ts'
import type { JobSink, Place } from './sink.ts'

/** As many as a table may have rows. */
const MAX_JOBS = 5_000_000

/** Kubernetes counts CPUs in thousandths. */
const MILLIS_PER_CPU = 1000

/** Our levels for those of a topology, from the lowest: Kueue's blocks are of racks. */
const LEVELS: Readonly<Record<number, readonly string[]>> = {
  1: ['node'],
  2: ['node', 'rack'],
  3: ['node', 'rack', 'hall'],
  4: ['node', 'rack', 'row', 'hall'],
}

/**
 * The load of Kueue's performance test, out of its generator's file. Every set of workloads of
 * every queue makes one each interval, all sets at the same time and without waiting for anything.
 */
export const kueue: TraceFormat = {
  name: 'kueue',
  summary: 'load of Kueue\'s performance test, a generator file in YAML',
  times: 'sorted',
  example: `cohorts:
- className: cohort
  count: 2
  queuesSets:
  - className: cq
    count: 3
    nominalQuota: 20
    borrowingLimit: 100
    workloadsSets:
    - count: 5
      creationIntervalMs: 100
      workloads:
      - {className: small, runtimeMs: 200, priority: 50, request: 1}
      - {className: none, runtimeMs: 0, priority: 50, request: 1}
    - count: 2
      creationIntervalMs: 500
      workloads:
      - {className: large, runtimeMs: 1000, priority: 200, request: "20"}
`,

  read: (text, path, jobs) => {
    const file = readKueueFile(text, path)
    checkCount(file.document, path)
    const unit = unitOf(file)
    for (const { queue, set, at, path: setPath } of setsOf(file.document)) {
      set.workloads.forEach((workload, index) => {
        const workloadPath = [...setPath, 'workloads', index]
        const ask = askOf(file, workload, unit, workloadPath)
        const place = placeOf(file, path, workloadPath)
        for (let round = 0; round < set.count; round++) {
          const made = round * set.workloads.length + index + 1
          const name = `${queue}/${workload.className}-${at}-${round}-${index}`
          makeJob(jobs, place, { ask, queue, name, workload, atMs: made * set.creationIntervalMs })
        }
      })
    }
  },
}

/** A set of workloads of one queue, with its number among those of the queue. */
type QueueSet = {
  readonly queue: string
  readonly set: WorkloadsSet
  readonly at: number
  readonly path: Path
}

/** The sets of every queue, named as the generator names its ClusterQueues. */
function* setsOf({ cohorts }: KueueDocument): Generator<QueueSet> {
  for (const [cohortsAt, { className, count, queuesSets }] of cohorts.entries()) {
    for (let cohort = 0; cohort < count; cohort++) {
      for (const [queuesAt, queues] of queuesSets.entries()) {
        for (let one = 0; one < queues.count; one++) {
          const queue = `${queues.className}-${queuesAt}-${one}-${className}-${cohort}`
          for (const [at, set] of queues.workloadsSets.entries()) {
            const path = ['cohorts', cohortsAt, 'queuesSets', queuesAt, 'workloadsSets', at]
            yield { queue, set, at, path }
          }
        }
      }
    }
  }
}

/** Counts that multiply may fill the memory by a slip of the finger. */
function checkCount({ cohorts }: KueueDocument, path: string): void {
  const jobs = cohorts.reduce((all, { count, queuesSets }) => all + count
    * queuesSets.reduce((sum, queues) => sum + queues.count * queues.workloadsSets.reduce(
      (sets, set) => sets + 1 + set.count * set.workloads.length, 0), 0), 0)
  if (jobs <= MAX_JOBS) return
  throw new InputError(`${path}:1: the counts multiply to ${formatCount(jobs)} workloads; `
    + `up to ${formatCount(MAX_JOBS)} would do`)
}

/**
 * Thousandths of a CPU that are one core here: the largest share of a CPU of which every request
 * is a whole number, and one CPU where all requests are whole.
 */
function unitOf(file: KueueFile): number {
  let unit = MILLIS_PER_CPU
  for (const { set, path } of setsOf(file.document)) {
    set.workloads.forEach(({ request }, index) => {
      unit = commonDivisor(unit, millisOf(file, request, [...path, 'workloads', index, 'request']))
    })
  }
  return unit
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b)
}

/** Thousandths of a CPU: 1, "1", "0.5", "500m". */
function millisOf(file: KueueFile, quantity: string | number, path: Path): number {
  const match = /^([0-9]+(?:\.[0-9]+)?)(m?)$/.exec(`${quantity}`)
  const millis = match === null ? NaN
    : match[2] === 'm' ? Number(match[1]) : Math.round(Number(match[1]) * MILLIS_PER_CPU)
  if (Number.isInteger(millis) && millis <= MILLIS_PER_CPU * MILLIS_PER_CPU) return millis
  return file.fail(path, `request is ${JSON.stringify(quantity)}; CPUs such as 2, "0.5" or "500m" `
    + 'would do')
}

type Ask = Pick<TraceJob, 'nodes' | 'cpusPerNode' | 'level'>

/**
 * Each pod takes a node of its own, the share of it that it asks for; those that must be on one
 * node are one share. Only a workload with a level has several pods, as the generator has it.
 */
function askOf(file: KueueFile, workload: KueueWorkload, unit: number, path: Path): Ask {
  const cores = millisOf(file, workload.request, [...path, 'request']) / unit
  const { tasLevel = '', tasConstraint, podCount = 1 } = workload
  if (tasLevel === '') return { nodes: 1, cpusPerNode: cores, level: '' }
  const labels = (file.document.topology?.levels ?? []).map((each) => each.nodeLabel)
  const at = labels.indexOf(tasLevel)
  if (at < 0) {
    file.fail([...path, 'tasLevel'], `the topology has no level "${tasLevel}"; `
      + `${labels.length === 0 ? 'a topology' : listed(labels)} would do`)
  }
  // Slices of pods that fit a domain each are held together as one gang, which is stricter.
  const isRequired = tasConstraint === 'required' || tasConstraint === 'balanced'
  const level = isRequired ? LEVELS[labels.length]![labels.length - 1 - at]! : ''
  return level === 'node' ? { nodes: 1, cpusPerNode: cores * podCount, level }
    : { nodes: podCount, cpusPerNode: cores, level }
}

/** Where a workload is written, for the counts of what is skipped and for complaints. */
function placeOf(file: KueueFile, path: string, workload: Path): Place {
  const number = file.lineOf(workload)
  return {
    number,
    fail: (problem) => { throw new InputError(`${path}:${number}: ${problem}`) },
  }
}

type Made = {
  readonly ask: Ask
  readonly queue: string
  readonly name: string
  readonly workload: KueueWorkload
  readonly atMs: number
}

function makeJob(jobs: JobSink, place: Place, { ask, queue, name, workload, atMs }: Made): void {
  if (workload.runtimeMs === 0) return jobs.skip(place, RAN_NO_TIME)
  if (ask.cpusPerNode === 0) return jobs.skip(place, 'asks for no CPU')
  jobs.add(place, {
    id: name,
    submitAtMs: atMs,
    gpus: 0,
    ...ask,
    memoryPerNodeGiB: 0,
    limitMs: 0,
    queue,
    device: '',
    priority: workload.priority ?? 0,
    ...PLAIN_ARRIVAL,
    workload: '',
    workMs: workload.runtimeMs,
    checkpointEveryMs: 0,
    checkpointStallMs: -1,
    outcome: 'completed',
  })
}
