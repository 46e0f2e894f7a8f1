import { assert, unreachable } from '../base/assert.ts'
import { NONE } from '../base/id.ts'
import type {
  Event, JobReserved, JobStarted, JobSubmitted, NodesChanged, Outcome,
} from '../model/index.ts'
import { PHASE } from '../model/index.ts'
import { acquire, placementOf, release } from './allocation.ts'
import { countRun } from './belief.ts'
import {
  capped, clearPower, confirmed, countCap, measured, priced, risen, setCharges,
} from './apply-power.ts'
import { dropSeen } from './caps.ts'
import { indexNode, unindexNode } from './free.ts'
import { keepPast } from './history.ts'
import { countDown } from './down.ts'
import { coresOf, gpusOn, leastNodesOf, nodesIn, plannedRunMs } from './demand.ts'
import { changeRatio, isPlain } from './ledger.ts'
import { clearLimit, setLimit, takeLimits } from './limits.ts'
import { takeReading } from './meters.ts'
import { addSpeeds, dropSpeeds } from './speeds.ts'
import { DOWN, DRAINED, laneOf, POWER, type State } from './state.ts'
import { takeSupplies } from './supply-cells.ts'
import { insertItem, removeItem } from './tree.ts'
import { addWaits, endWaits } from './waiters.ts'
import { clearWindow, lookForNext, NEVER_MS, setWindow } from './windows.ts'

/** Makes an event so. The one writer of the state: it asserts, and never refuses. */
export function apply(state: State, event: Event): void {
  state.totals.events++
  switch (event.type) {
    case 'job.submitted': return submitted(state, event)
    case 'job.started': return started(state, event.job, event)
    case 'job.running': return answered(state, event.job)
    case 'job.ended': return ended(state, event.job, event.outcome)
    case 'job.interrupted': {
      state.tables.jobs.keptMs[event.job] = event.keptMs
      return requeued(state, event.job)
    }
    case 'job.preempted': {
      state.tables.jobs.preempted[event.job]!++
      return requeued(state, event.job)
    }
    case 'job.requeued': return requeued(state, event.job)
    // Only the engine has to do with it.
    case 'job.checkpoint': return
    case 'clock.set': {
      state.totals.epochMs = event.epochMs
      return
    }
    case 'job.credited': return credited(state, event.job, event.keptMs)
    case 'job.held': return held(state, event.job)
    case 'job.released': return released(state, event.job)
    case 'job.reserved': return reserved(state, event)
    case 'round.due': {
      state.totals.wakeAtMs = Math.min(state.totals.wakeAtMs, event.atMs)
      return
    }
    case 'window.set':
    case 'window.cleared': return windowed(state, event)
    case 'job.capped': return capped(state, event)
    case 'cap.confirmed': return confirmed(state, event.job, event.capW)
    case 'job.measured': return measured(state, event)
    case 'limit.set': return setLimit(state, event)
    case 'limit.cleared': return clearLimit(state, event.limit)
    case 'feeder.metered': return takeReading(state, event)
    case 'feeder.ratio': {
      changeRatio(state, event.feeder, event.ratioPer10k)
      state.margins.repriced()
      state.totals.isFreed = 1
      state.totals.powerNews |= POWER.changed | POWER.due
      return
    }
    case 'supplies.read': return takeSupplies(state, event)
    // The engine makes it so, and tells how the supplies then stand.
    case 'supply.lost': return
    case 'power.priced': return priced(state, event)
    case 'power.due': {
      state.totals.powerAtMs = Math.min(state.totals.powerAtMs, event.atMs)
      return
    }
    case 'nodes.down': return changed(state, event, (flags) => flags | DOWN)
    case 'nodes.up': return changed(state, event, (flags) => flags & ~DOWN)
    case 'nodes.drained': return changed(state, event, (flags) => flags | DRAINED)
    case 'nodes.resumed': return changed(state, event, (flags) => flags & ~DRAINED)
    default: return unreachable(event)
  }
}

/** Moves the clock. Time never goes back (I1). */
export function advance(state: State, atMs: number): void {
  const { totals } = state
  if (!(atMs >= totals.nowMs)) assert(false, `I1 time went back from ${totals.nowMs} to ${atMs}`)
  if (atMs > totals.nowMs) keepPast(state)
  totals.nowMs = atMs
  if (atMs >= totals.powerAtMs) {
    totals.powerAtMs = NEVER_MS
    totals.powerNews |= POWER.due
    // What a rule or a return lets rise grows with time.
    if (totals.pending > 0 && !isPlain(state)) totals.isFreed = 1
  }
  if (atMs >= totals.nextLimitAtMs) takeLimits(state)
  if (atMs < totals.wakeAtMs && atMs < totals.nextWindowAtMs) return
  if (atMs >= totals.wakeAtMs) totals.wakeAtMs = NEVER_MS
  lookForNext(state)
  totals.isFreed = 1
}

/** When something changes by itself: a window begins or ends, a policy wanted to look again. */
export function nextChangeAtMs({ totals }: State): number {
  const atMs = Math.min(
    totals.wakeAtMs, totals.nextWindowAtMs, totals.nextLimitAtMs, totals.powerAtMs)
  return atMs === NEVER_MS ? Infinity : atMs
}

/** Ends a round of decisions: nothing needs a second look until something changes. */
export function settle(state: State): void {
  const { totals } = state
  totals.isFreed = 0
  // What came down while others are on their way is told when the last of them is answered.
  if ((totals.powerNews & POWER.due) !== 0) {
    totals.powerNews &= totals.openCaps > 0 ? POWER.eased : 0
  }
  totals.decidedNumber = totals.jobsSeen
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
  jobs.leastNodes[row] = event.leastNodes
  jobs.leastRunMs[row] = event.leastRunMs
  jobs.deadlineAtMs[row] = event.deadlineAtMs
  jobs.array[row] = event.array
  jobs.hero[row] = event.isHero ? 1 : 0
  jobs.doomed[row] = 0
  jobs.waitsFor[row] = 0
  jobs.firstWaiter[row] = NONE
  jobs.firstSpeed[row] = NONE
  jobs.firstSeen[row] = NONE
  jobs.curve[row] = event.curve
  jobs.leastSpeed[row] = event.leastSpeed
  jobs.worth[row] = event.worth
  clearPower(state, row)
  jobs.preempted[row] = 0
  jobs.heldGpus[row] = 0
  jobs.heldCores[row] = 0
  if (event.name !== '') state.names[row] = event.name
  if (event.speeds.length > 0) addSpeeds(state, row, event.speeds)
  if (event.after.length > 0) addWaits(state, row, event.after)
  jobs.phase[row] = PHASE.pending
  countPending(state, row, 1)
  if (jobs.waitsFor[row] === 0) enterLane(state, row)
}

function started(state: State, job: number, placement: JobStarted): void {
  const { totals } = state
  const { jobs } = state.tables
  leaveLane(state, job)
  countPending(state, job, -1)
  totals.running++
  totals.unanswered++
  jobs.phase[job] = PHASE.starting
  jobs.startAtMs[job] = totals.nowMs
  const isElastic = leastNodesOf(state, job) > 0
  const gpus = isElastic ? gpusOn(state, job, nodesIn(placement.spans)) : jobs.gpus[job]!
  jobs.heldGpus[job] = gpus
  jobs.heldCores[job] = coresOf(state, job)
  if (isElastic) totals.elastic++
  if (gpus < jobs.gpus[job]!) totals.shrunk++
  jobs.expectedEndAtMs[job] = totals.nowMs + plannedRunMs(state, job, gpus, placement.pool)
  jobs.orderedAtMs[job] = totals.nowMs
  jobs.starts[job] = jobs.starts[job]! + 1
  clearReservation(state, job)
  setCharges(state, job, placement)
  acquire(state, job, placement)
}

function answered(state: State, job: number): void {
  const { jobs } = state.tables
  assert(jobs.phase[job] === PHASE.starting, 'only a starting job comes up')
  jobs.phase[job] = PHASE.running
  risen(state, job)
  jobs.orderedAtMs[job] = 0
  state.totals.unanswered--
}

function requeued(state: State, job: number): void {
  stop(state, job)
  state.tables.jobs.phase[job] = PHASE.pending
  countPending(state, job, 1)
  enterLane(state, job)
}

/** The engine says how much work is kept; a job that runs again ends the sooner for it. */
function credited(state: State, job: number, keptMs: number): void {
  const { jobs } = state.tables
  jobs.keptMs[job] = keptMs
  // It will be done sooner than was thought, perhaps before a window begins.
  state.totals.isFreed = 1
  if (jobs.phase[job]! < PHASE.starting) return
  const placement = placementOf(state, job)
  release(state, job)
  jobs.expectedEndAtMs[job] = Math.max(state.totals.nowMs + 1,
    jobs.startAtMs[job]! + plannedRunMs(state, job, jobs.heldGpus[job]!, placement.pool))
  acquire(state, job, placement)
}

function ended(state: State, job: number, outcome: Outcome): void {
  const { jobs } = state.tables
  const { totals } = state
  if (jobs.phase[job] === PHASE.pending) {
    if (isQueued(state, job)) leaveLane(state, job)
    jobs.waitsFor[job] = 0
    countPending(state, job, -1)
    totals.isFreed = 1
  } else {
    if (outcome !== 'cancelled') countRun(state, job)
    stop(state, job)
  }
  clearReservation(state, job)
  jobs.phase[job] = PHASE.free
  jobs.next[job] = totals.freeJobRow
  totals.freeJobRow = job
  if (state.names[job] !== undefined) state.names[job] = ''
  if (jobs.firstSpeed[job] !== NONE) dropSpeeds(state, job)
  if (jobs.firstSeen[job] !== NONE) dropSeen(state, job)
  if (jobs.firstWaiter[job] === NONE) return
  endWaits(state, job, outcome, (waiter) => {
    if (jobs.held[waiter] === 1) return
    enterLane(state, waiter)
    totals.isFreed = 1
  })
}

/** Ends a run: its nodes and watts are free again. */
function stop(state: State, job: number): void {
  const { jobs } = state.tables
  const { totals } = state
  assert(jobs.phase[job]! >= PHASE.starting, 'only a placed job stops')
  if (jobs.phase[job] === PHASE.starting) totals.unanswered--
  if (jobs.capAtMs[job] !== 0) totals.openCaps--
  jobs.capAtMs[job] = 0
  countCap(state, job, -1)
  jobs.orderedAtMs[job] = 0
  if (leastNodesOf(state, job) > 0) totals.elastic--
  if (jobs.heldGpus[job]! < jobs.gpus[job]!) totals.shrunk--
  totals.running--
  totals.isFreed = 1
  totals.powerNews |= totals.isPowered
  release(state, job)
}

function held(state: State, job: number): void {
  const { jobs } = state.tables
  assert(jobs.phase[job] === PHASE.pending && jobs.held[job] === 0, 'only a pending job is held')
  if (isQueued(state, job)) leaveLane(state, job)
  clearReservation(state, job)
  jobs.held[job] = 1
  state.totals.isFreed = 1
}

/** A person lets a job go that was held, or that waits for a success which did not come. */
function released(state: State, job: number): void {
  const { jobs } = state.tables
  assert(jobs.phase[job] === PHASE.pending && !isQueued(state, job), 'a held job is released')
  jobs.held[job] = 0
  if (jobs.doomed[job] === 1) {
    jobs.doomed[job] = 0
    jobs.waitsFor[job] = 0
  }
  if (jobs.waitsFor[job] === 0) enterLane(state, job)
  state.totals.isFreed = 1
}

/** Whether a pending job stands in its lane: no person holds it and it waits for no other job. */
export function isQueued(state: State, job: number): boolean {
  const { jobs } = state.tables
  return jobs.held[job] === 0 && jobs.waitsFor[job] === 0
}

function windowed(
  state: State, event: Extract<Event, { type: 'window.set' | 'window.cleared' }>): void {
  if (event.type === 'window.set') setWindow(state, event)
  else clearWindow(state, event.window)
  state.totals.isFreed = 1
}

function changed(state: State, event: NodesChanged, flagsOf: (flags: number) => number): void {
  const { flags } = state.tables.nodes
  for (let node = event.first; node < event.end; node++) {
    const after = flagsOf(flags[node]!)
    if (after === flags[node]) continue
    unindexNode(state, node)
    if (((after ^ flags[node]!) & DOWN) !== 0) countDown(state, node, (after & DOWN) !== 0 ? 1 : -1)
    flags[node] = after
    indexNode(state, node)
  }
  state.totals.powerNews |= state.totals.isPowered
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
}

function leaveLane(state: State, job: number): void {
  const { jobs, lanes } = state.tables
  assert(jobs.phase[job] === PHASE.pending, 'only a pending job leaves its lane')
  const lane = jobs.lane[job]!
  lanes.root[lane] = removeItem(state, lanes.root[lane]!, state.layout.plant.nodes + job)
}

function countPending(state: State, job: number, by: number): void {
  state.totals.pending += by
  state.totals.waitingGpus += by * state.tables.jobs.gpus[job]!
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
