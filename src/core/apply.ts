import { assert, unreachable } from '../base/assert.ts'
import { NONE } from '../base/id.ts'
import type { Event, JobReserved, JobSubmitted, NodesChanged, Placement } from '../model/index.ts'
import { PHASE } from '../model/index.ts'
import { acquire, release } from './allocation.ts'
import { indexNode, unindexNode } from './free.ts'
import { DOWN, DRAINED, laneOf, type State } from './state.ts'
import { insertItem, removeItem } from './tree.ts'

/** Makes an event so. The one writer of the state: it asserts, and never refuses. */
export function apply(state: State, event: Event): void {
  state.totals.events++
  switch (event.type) {
    case 'job.submitted': return submitted(state, event)
    case 'job.started': return started(state, event.job, event)
    case 'job.running': return answered(state, event.job)
    case 'job.ended': return ended(state, event.job)
    case 'job.interrupted': {
      state.tables.jobs.keptMs[event.job] = event.keptMs
      return requeued(state, event.job)
    }
    case 'job.preempted': return requeued(state, event.job)
    case 'job.credited': {
      state.tables.jobs.keptMs[event.job] = event.keptMs
      return
    }
    case 'job.held': return held(state, event.job, 1)
    case 'job.released': return held(state, event.job, 0)
    case 'job.reserved': return reserved(state, event)
    case 'nodes.down': return changed(state, event, (flags) => flags | DOWN)
    case 'nodes.up': return changed(state, event, (flags) => flags & ~DOWN)
    case 'nodes.drained': return changed(state, event, (flags) => flags | DRAINED)
    case 'nodes.resumed': return changed(state, event, (flags) => flags & ~DRAINED)
    default: return unreachable(event)
  }
}

/** Moves the clock. Time never goes back (I1). */
export function advance(state: State, atMs: number): void {
  const { nowMs } = state.totals
  if (!(atMs >= nowMs)) assert(false, `I1 time went back from ${nowMs} to ${atMs}`)
  state.totals.nowMs = atMs
}

/** Ends a round of decisions: nothing needs a second look until something changes. */
export function settle(state: State): void {
  state.totals.isFreed = 0
  state.totals.decidedNumber = state.totals.jobsSeen
}

/** Row that the next submitted job takes. */
export function nextJobRow(state: State): number {
  return state.totals.freeJobRow === NONE ? state.totals.jobRows : state.totals.freeJobRow
}

function submitted(state: State, event: JobSubmitted): void {
  const { totals } = state
  const row = takeRow(state)
  const { number } = event
  if (row !== event.job) assert(false, `job ${number} goes into row ${row}, not ${event.job}`)
  if (number !== totals.jobsSeen + 1) assert(false, `I13 job number ${number} is out of order`)
  totals.jobsSeen = number
  totals.newestJob = row
  const { jobs } = state.tables
  jobs.number[row] = number
  jobs.submitAtMs[row] = totals.nowMs
  jobs.startAtMs[row] = 0
  jobs.limitMs[row] = event.limitMs
  jobs.keptMs[row] = 0
  jobs.orderedAtMs[row] = 0
  jobs.rank[row] = event.rank
  jobs.gpus[row] = event.gpus
  jobs.nodes[row] = event.nodes
  jobs.cpusPerNode[row] = event.cpusPerNode
  jobs.memoryPerNodeGiB[row] = event.memoryPerNodeGiB
  jobs.priority[row] = event.priority
  jobs.device[row] = event.device
  jobs.pool[row] = NONE
  jobs.firstSpan[row] = NONE
  jobs.starts[row] = 0
  jobs.queue[row] = event.queue
  jobs.lane[row] = laneOf(state, event.queue, event.device)
  jobs.level[row] = event.level
  jobs.held[row] = 0
  if (event.name !== '') state.names[row] = event.name
  enterLane(state, row)
}

function started(state: State, job: number, placement: Placement): void {
  const { totals, layout } = state
  const { jobs } = state.tables
  leaveLane(state, job)
  totals.running++
  totals.unanswered++
  const limitMs = jobs.limitMs[job] || layout.plant.queues[jobs.queue[job]!]!.defaultLimitMs
  jobs.phase[job] = PHASE.starting
  jobs.startAtMs[job] = totals.nowMs
  jobs.expectedEndAtMs[job] = totals.nowMs + Math.max(1, limitMs - jobs.keptMs[job]!)
  jobs.orderedAtMs[job] = totals.nowMs
  jobs.starts[job] = jobs.starts[job]! + 1
  clearReservation(state, job)
  acquire(state, job, placement)
}

function answered(state: State, job: number): void {
  const { jobs } = state.tables
  assert(jobs.phase[job] === PHASE.starting, 'only a starting job comes up')
  jobs.phase[job] = PHASE.running
  jobs.orderedAtMs[job] = 0
  state.totals.unanswered--
}

function requeued(state: State, job: number): void {
  stop(state, job)
  enterLane(state, job)
}

function ended(state: State, job: number): void {
  const { jobs } = state.tables
  const { totals } = state
  if (jobs.phase[job] === PHASE.pending) {
    if (jobs.held[job] === 1) totals.waitingGpus -= jobs.gpus[job]!
    if (jobs.held[job] === 1) totals.pending--
    else leaveLane(state, job)
    totals.isFreed = 1
  } else {
    stop(state, job)
  }
  clearReservation(state, job)
  jobs.phase[job] = PHASE.free
  jobs.next[job] = totals.freeJobRow
  totals.freeJobRow = job
  if (state.names[job] !== undefined) state.names[job] = ''
}

/** Ends a run: its nodes and watts are free again. */
function stop(state: State, job: number): void {
  const { jobs } = state.tables
  const { totals } = state
  assert(jobs.phase[job]! >= PHASE.starting, 'only a placed job stops')
  if (jobs.phase[job] === PHASE.starting) totals.unanswered--
  jobs.orderedAtMs[job] = 0
  totals.running--
  totals.isFreed = 1
  release(state, job)
}

function held(state: State, job: number, value: number): void {
  const { jobs } = state.tables
  assert(jobs.phase[job] === PHASE.pending, 'only a pending job is held')
  assert(jobs.held[job] !== value, 'a hold changes')
  if (value === 1) {
    leaveLane(state, job)
    state.totals.pending++
    state.totals.waitingGpus += jobs.gpus[job]!
    clearReservation(state, job)
  }
  jobs.held[job] = value
  if (value === 0) {
    state.totals.pending--
    state.totals.waitingGpus -= jobs.gpus[job]!
    enterLane(state, job)
  }
  state.totals.isFreed = 1
}

function changed(state: State, event: NodesChanged, flagsOf: (flags: number) => number): void {
  const { flags } = state.tables.nodes
  for (let node = event.first; node < event.end; node++) {
    const after = flagsOf(flags[node]!)
    if (after === flags[node]) continue
    unindexNode(state, node)
    flags[node] = after
    indexNode(state, node)
  }
  // Less to have counts too: a job that lacked watts, and so went before all, may now lack nodes.
  state.totals.isFreed = 1
}

function takeRow(state: State): number {
  const { totals, arena, layout } = state
  const row = nextJobRow(state)
  if (row === totals.jobRows) {
    totals.jobRows++
    arena.grow('jobs', totals.jobRows)
    arena.grow('items', layout.plant.nodes + totals.jobRows)
  } else {
    totals.freeJobRow = state.tables.jobs.next[row]!
  }
  return row
}

function enterLane(state: State, job: number): void {
  const { jobs, lanes } = state.tables
  const lane = jobs.lane[job]!
  const item = state.layout.plant.nodes + job
  lanes.root[lane] = insertItem(
    state, lanes.root[lane]!, item, jobs.rank[job]!, jobs.number[job]!, 1)
  jobs.phase[job] = PHASE.pending
  state.totals.pending++
  state.totals.waitingGpus += jobs.gpus[job]!
}

function leaveLane(state: State, job: number): void {
  const { jobs, lanes } = state.tables
  assert(jobs.phase[job] === PHASE.pending, 'only a pending job leaves its lane')
  const lane = jobs.lane[job]!
  lanes.root[lane] = removeItem(state, lanes.root[lane]!, state.layout.plant.nodes + job)
  state.totals.pending--
  state.totals.waitingGpus -= jobs.gpus[job]!
}

function reserved(state: State, event: JobReserved): void {
  clearReservation(state, event.job)
  const { pools } = state.tables
  const pool = state.layout.domainPool[event.domain]!
  pools.reservedJob[pool] = event.job
  pools.reservedDomain[pool] = event.domain
  pools.reservedAtMs[pool] = event.startAtMs
}

function clearReservation(state: State, job: number): void {
  const { pools } = state.tables
  for (let pool = 0; pool < pools.reservedJob.length; pool++) {
    if (pools.reservedJob[pool] !== job) continue
    pools.reservedJob[pool] = NONE
    pools.reservedDomain[pool] = NONE
    pools.reservedAtMs[pool] = 0
  }
}
