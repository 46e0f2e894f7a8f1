// Runs a few jobs by hand-made policies and draws what ran where: a line for each node, a column
// for each minute, a letter for each job.
import { createState, hashState, type State } from '../src/core/state.ts'
import { placementOf } from '../src/core/allocation.ts'
import { Twin } from '../src/engines/twin/twin.ts'
import { catalogueOf, FORMAT } from '../src/journal/header.ts'
import { JournalWriter } from '../src/journal/writer.ts'
import { PLAIN_ARRIVAL, type Event, type Intent, type Plant, type TraceJob }
  from '../src/model/index.ts'
import { policiesOf } from '../src/policies/index.ts'
import type { PolicyNames } from '../src/policies/policy.ts'
import { runLoop } from '../src/run/loop.ts'
import { Recorder } from '../src/run/record.ts'

export const MINUTE_MS = 60_000

/** A job by its letter. Times in minutes. */
export type ToyJob = Partial<Omit<TraceJob, 'id'>> & {
  readonly id: string
  readonly at?: number
  readonly work: number
  /** Expected run time; what it really takes where not given. */
  readonly limit?: number
}

export type Scene = {
  readonly plant: Plant
  readonly jobs: readonly ToyJob[]
  /** order, backfill, place, and if wanted preempt and consolidate, by name. */
  readonly policies?: string
  readonly intents?: readonly (readonly [minute: number, intent: Intent])[]
  readonly untilMs?: number
  /** Turns between two checks of all invariants: each, where it is not said. */
  readonly checkEvery?: number
  /** A line for each device instead of each node. */
  readonly isByDevice?: boolean
}

export function traceJob({ at = 0, work, limit = work, ...job }: ToyJob): TraceJob {
  return {
    gpus: 1, nodes: 0, cpusPerNode: 0, memoryPerNodeGiB: 0, queue: '', device: '', level: '',
    priority: 0, workload: '', checkpointEveryMs: 0, checkpointStallMs: -1, outcome: 'completed',
    ...PLAIN_ARRIVAL, submitAtMs: at * MINUTE_MS, workMs: work * MINUTE_MS,
    limitMs: limit * MINUTE_MS, ...job,
  }
}

/** The picture, then "never ran: …" where there are such jobs. */
export function drawSchedule(scene: Scene): string {
  const { plant } = scene
  const rows = Array.from({ length: scene.isByDevice === true ? plant.gpus : plant.nodes },
    (): string[] => [])
  const isWaiting = new Set<string>()
  runScene(scene, undefined, (state, event) => {
    if (event.type === 'job.submitted') isWaiting.add(event.name)
    if (event.type === 'job.ended') isWaiting.delete(state.names[event.job]!)
    else if (event.type !== 'job.interrupted' && event.type !== 'job.preempted') return
    if (state.tables.jobs.firstSpan[event.job]! >= 0) paint(scene, state, event.job, rows)
  })
  const width = Math.max(1, ...rows.map((row) => row.length))
  const lines = rows.map((row) => Array.from({ length: width }, (_, at) => row[at] ?? '.').join(''))
  if (isWaiting.size > 0) lines.push(`never ran: ${[...isWaiting].join(' ')}`)
  return `\n${lines.join('\n')}\n`
}

/** Runs a scene with seed 1; `onEvent` sees each event before it is applied. */
export function runScene(
  scene: Scene, journalPath?: string, onEvent?: (state: State, event: Event) => void) {
  const { plant } = scene
  const state = createState(plant)
  const twin = new Twin(state, 1)
  class Watch extends Recorder {
    override before(event: Event): void {
      super.before(event)
      onEvent?.(state, event)
    }
  }
  const names = policyNamesOf(scene)
  const round = { decisions: 0, refused: 0, lastProblem: '' }
  const journal = new JournalWriter(journalPath, {
    format: FORMAT, version: '', factory: {}, catalogue: catalogueOf(plant), seed: 1,
    policies: names,
  })
  runLoop({
    state, twin, round, journal, ...policiesOf(names), ...queuesOf(scene),
    recorder: new Watch(state, twin),
    checkEvery: scene.checkEvery ?? 1,
    onBroken: (problems) => { throw new Error(problems.join('; ')) },
  }, scene.untilMs ?? Infinity, () => {})
  if (round.refused > 0) throw new Error(`the guard refused: ${round.lastProblem}`)
  const stateHash = hashState(state)
  return { state, stateHash, journalHash: journal.close(stateHash, state.totals.events) }
}

export function policyNamesOf(scene: Scene): PolicyNames {
  const names = (scene.policies ?? 'fifo none pack').split(' ')
  const [order, backfill, place, preempt, consolidate] = names
  return { order: order!, backfill: backfill!, place: place!, preempt, consolidate }
}

function paint(scene: Scene, state: State, job: number, rows: string[][]): void {
  const { spans } = placementOf(state, job)
  const from = state.tables.jobs.startAtMs[job]! / MINUTE_MS
  for (let at = 0; at < spans.length; at += 3) {
    for (let node = spans[at]!; node < spans[at + 1]!; node++) {
      for (const row of rowsOf(scene, state.layout.firstDevice, node, spans[at + 2]!)) {
        for (let minute = from; minute < state.totals.nowMs / MINUTE_MS; minute++) {
          rows[row]![minute] = state.names[job]!
        }
      }
    }
  }
}

function rowsOf({ isByDevice }: Scene, firstDevice: Int32Array, node: number, mask: number) {
  if (isByDevice !== true) return [node]
  const devices: number[] = []
  for (let device = firstDevice[node]!; device < firstDevice[node + 1]!; device++) {
    if (mask === 0 || ((mask >>> (device - firstDevice[node]!)) & 1) === 1) devices.push(device)
  }
  return devices
}

function queuesOf({ jobs, intents = [] }: Scene) {
  const arrivals = jobs.map(traceJob)
  let job = 0
  let intent = 0
  return {
    source: {
      peekAtMs: () => arrivals[job]?.submitAtMs ?? Infinity,
      next: () => {
        const next = arrivals[job++]!
        return { job: next, name: next.id }
      },
    },
    intents: {
      peekAtMs: () => (intents[intent]?.[0] ?? Infinity) * MINUTE_MS,
      next: () => intents[intent++]![1],
    },
  }
}
