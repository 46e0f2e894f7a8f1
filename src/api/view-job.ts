import { NONE } from '../base/id.ts'
import { formatCount, formatPower } from '../base/units.ts'
import { placementOf } from '../core/allocation.ts'
import { blockerOf, poolsOf } from '../core/blocker.ts'
import { capBelowRating, speedOfJob } from '../core/caps.ts'
import { jobName, type State } from '../core/state.ts'
import { LEVELS, PHASE, REASONS, type Blocker, type OwnedSpec } from '../model/index.ts'
import type { LiveClock } from '../run/live/clock.ts'
import type { Told } from './book.ts'
import { momentText } from './moment.ts'
import type { Job, JobDetail } from './schema-job.ts'
import { nodeName } from './places.ts'

const PHASE_NAMES = ['ended', 'pending', 'starting', 'running', 'paused'] as const

/** A job of the state as the interface shows it. O(1), with its reason a search. */
export function jobOf(
  state: State, job: number, clock: LiveClock, owner: string, isReasoned: boolean): Job {
  const { tables, layout } = state
  const { jobs } = tables
  const { plant } = layout
  const phase = jobs.phase[job]!
  const isPlaced = phase >= PHASE.starting
  return {
    number: jobs.number[job]!,
    name: jobName(state, job),
    queue: plant.queues[jobs.queue[job]!]!.name,
    phase: PHASE_NAMES[phase]!,
    outcome: null,
    owner,
    isHeld: jobs.held[job] === 1,
    gpus: jobs.gpus[job]!,
    nodes: jobs.nodes[job]!,
    cpusPerNode: jobs.cpusPerNode[job]!,
    memoryPerNodeGiB: jobs.memoryPerNodeGiB[job]!,
    device: plant.devices[jobs.device[job]!] ?? '',
    level: LEVELS[jobs.level[job]!]!,
    class: plant.curves.classes[jobs.curve[job]!] ?? '',
    priority: jobs.priority[job]!,
    limitMs: jobs.limitMs[job]!,
    leastSpeed: jobs.leastSpeed[job]!,
    worth: jobs.worth[job]!,
    array: jobs.array[job]!,
    submittedAt: momentText(clock, jobs.submitAtMs[job]!),
    startedAt: isPlaced ? momentText(clock, jobs.startAtMs[job]!) : null,
    expectedEndAt: isPlaced ? momentText(clock, jobs.expectedEndAtMs[job]!) : null,
    endedAt: null,
    starts: jobs.starts[job]!,
    preemptions: jobs.preempted[job]!,
    heldGpus: isPlaced ? jobs.heldGpus[job]! : 0,
    ...capOf(state, job, isPlaced),
    ...wattsOf(state, job, isPlaced),
    reason: isReasoned && phase === PHASE.pending ? reasonOf(state, job) : null,
  }
}

/** Watts above idle, as the ledger has them. */
function wattsOf(state: State, job: number, isPlaced: boolean) {
  const { jobs } = state.tables
  if (isPlaced) {
    const { isPowered } = state.totals
    return {
      grantW: jobs.heldGpus[job]! * jobs.chargeW[job]!,
      drawW: isPowered === 1 ? jobs.heldGpus[job]! * jobs.drawW[job]! : null,
    }
  }
  const [pool] = poolsOf(state, job)
  const chargeW = pool === undefined ? 0 : state.layout.pools[pool]!.chargeW
  return { grantW: jobs.gpus[job]! * chargeW, drawW: null }
}

function capOf(state: State, job: number, isPlaced: boolean) {
  if (!isPlaced) return { pool: '', capW: null, speed: 1 }
  const { jobs } = state.tables
  const pool = state.layout.pools[jobs.pool[job]!]!
  const { name } = state.layout.plant.pools[jobs.pool[job]!]!
  if (jobs.gpus[job] === 0) return { pool: name, capW: null, speed: 1 }
  const capW = capBelowRating(state, job)
  return {
    pool: name, capW: capW === NONE ? null : capW,
    speed: speedOfJob(state, job, pool, jobs.capW[job]!),
  }
}

function reasonOf(state: State, job: number): Job['reason'] {
  const blocker = blockerOf(state, job)
  if (blocker === undefined) return null
  const { reason, need, have, unit, at } = blocker
  return { code: reason, need, have, unit, at, sentence: sentenceOf(blocker) }
}

/** What keeps a job, in a sentence with the numbers. */
export function sentenceOf({ reason, need, have, unit, at }: Blocker): string {
  const text = REASONS[reason]
  if (unit === '') return at === '' ? text : `${text} (${at})`
  const amount = (value: number) => unit === 'W' ? formatPower(value)
    : `${formatCount(value)} ${unit}`
  return `${text} It needs ${amount(need)}; ${at === '' ? 'there are' : `${at} has`} `
    + `${amount(Math.max(0, have))}.`
}

/** A job that has ended, or one that has gone from the state since: from the book. */
export function toldJob(state: State, told: Told, clock: LiveClock, owner: string): Job {
  const { submitted: asked } = told
  const { plant } = state.layout
  return {
    number: asked.number, name: asked.name || `${asked.number}`,
    queue: plant.queues[asked.queue]!.name, phase: 'ended', outcome: told.outcome ?? null, owner,
    isHeld: false, gpus: asked.gpus, nodes: asked.nodes, cpusPerNode: asked.cpusPerNode,
    memoryPerNodeGiB: asked.memoryPerNodeGiB, device: plant.devices[asked.device] ?? '',
    level: LEVELS[asked.level]!, class: plant.curves.classes[asked.curve] ?? '',
    priority: asked.priority, limitMs: asked.limitMs, leastSpeed: asked.leastSpeed,
    worth: asked.worth, array: asked.array,
    submittedAt: momentText(clock, told.submitAtMs),
    startedAt: told.starts > 0 ? momentText(clock, told.startAtMs) : null,
    expectedEndAt: null,
    endedAt: told.endAtMs < 0 ? null : momentText(clock, told.endAtMs),
    starts: told.starts, preemptions: 0, heldGpus: 0, pool: '', capW: null, speed: 1,
    grantW: 0, drawW: null, reason: null,
  }
}

/** Runs of nodes that are listed: a gang of a whole factory has some hundreds. */
const RUNS_MOST = 1000

/** Where a job runs, with the names of nodes. O(its runs of nodes). */
export function placementOfJob(state: State, job: number): JobDetail['placement'] {
  if (state.tables.jobs.phase[job]! < PHASE.starting) return []
  const { spans } = placementOf(state, job)
  const found: JobDetail['placement'] = []
  for (let at = 0; at < spans.length && found.length < RUNS_MOST; at += 3) {
    const [first, end, mask] = [spans[at]!, spans[at + 1]!, spans[at + 2]!]
    const devices = mask === 0 ? null
      : [...Array(32).keys()].filter((device) => (mask >>> device & 1) === 1)
    found.push({
      first, end, from: nodeName(state.layout, first), to: nodeName(state.layout, end - 1),
      devices,
    })
  }
  return found
}

/** What its owner and operators may see; the values of its environment stay with the job. */
export function specOf(spec: OwnedSpec): NonNullable<JobDetail['spec']> {
  const { command, script, directory, output, error, checkpointSignal, graceMs, pause } = spec
  return {
    command: [...command], script, directory, output, error, checkpointSignal, graceMs, pause,
    variables: Object.keys(spec.environment), account: spec.account,
  }
}
