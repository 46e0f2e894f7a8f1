import { NONE } from '../base/id.ts'
import type { Placement } from '../model/job.ts'
import { shapeOfJob } from './demand.ts'
import { indexNode, indexRun, unindexNode } from './free.ts'
import { SHARED } from './holder.ts'
import type { PoolLayout } from './layout.ts'
import { chargeAt, drawOf, floorOf, sdOf } from './caps.ts'
import { doubtJob, doubtKnown, doubtMove, unsureOf } from './doubt.ts'
import { chargeAll, chargeSpans, type Ledger } from './ledger.ts'
import { chargeQuota } from './quota.ts'
import type { Shape } from './shape.ts'
import { chargeUse } from './share.ts'
import { spread } from './spread.ts'
import type { State } from './state.ts'
import { setSurge } from './surge.ts'

/**
 * Gives nodes and watts to a job and takes them back. Everything that depends on who holds what
 * is kept in step here and nowhere else: devices, cores, the index, the ledger, the releases.
 */

/** Gives a placement to a job. The guard has checked that all of it is free. */
export function acquire(state: State, job: number, placement: Placement): void {
  // Storing may move every column, so the row is written after it.
  const firstSpan = storeSpans(state, placement.spans)
  const { jobs } = state.tables
  jobs.pool[job] = placement.pool
  jobs.firstSpan[job] = firstSpan
  change(state, job, true)
}

/** Takes everything back from a job and forgets its spans. */
export function release(state: State, job: number): void {
  change(state, job, false)
  freeSpans(state, job)
}

/** Where a job runs. O(spans). */
export function placementOf(state: State, job: number): Placement {
  const { jobs, spans } = state.tables
  const list: number[] = []
  for (let at = jobs.firstSpan[job]!; at !== NONE; at = spans.next[at]!) {
    list.push(spans.first[at]!, spans.end[at]!, spans.mask[at]!)
  }
  return { pool: jobs.pool[job]!, spans: list }
}

/** Takes the spans that are stored for a job, or gives them back. */
function change(state: State, job: number, isTaken: boolean): void {
  const { layout, tables, totals } = state
  const { spans, jobs } = tables
  const gpus = jobs.heldGpus[job]!
  const pool = layout.pools[jobs.pool[job]!]!
  const firstSpan = jobs.firstSpan[job]!
  let whole = 0
  for (let at = firstSpan; at !== NONE; at = spans.next[at]!) {
    const first = spans.first[at]!
    const end = spans.end[at]!
    const mask = spans.mask[at]!
    if (mask === 0 && gpus > 0) {
      whole += end - first
      changeWhole(state, pool, isTaken ? job : NONE, first, end)
    } else {
      const shape = shapeOfJob(state, job, jobs.pool[job]!)!
      for (let node = first; node < end; node++) changePart(state, job, node, mask, shape, isTaken)
    }
  }
  if (whole > 0 && state.releases.isKept) {
    state.releases.change(state, job, spans.first[firstSpan]!, whole, isTaken)
  }
  const sign = isTaken ? 1 : -1
  if (gpus > 0) {
    if (totals.isPowered === 0) {
      chargeSpans(state, 'grantW', firstSpan, pool.system.gpus, sign * jobs.chargeW[job]!)
    } else {
      state.margins.changed(job)
      chargeAll(state, firstSpan, pool.system.gpus, {
        grantW: sign * jobs.chargeW[job]!, floorW: sign * jobs.floorW[job]!,
        drawW: sign * jobs.drawW[job]!, risingW: sign * jobs.risingW[job]!,
      })
      const placement = placementOf(state, job)
      spread(state, placement, jobs.sdW[job]!, sign)
      doubtJob(state, placement, jobs.unsureW[job]!, sign)
      if (jobs.surgeW[job]! > 0) setSurge(state, job, placement, 0)
    }
  }
  chargeQueue(state, job, sign)
  totals.busyGpus += sign * gpus
}

/** Counts what a job holds at its queue and all above it: as quota, and as use. */
function chargeQueue(state: State, job: number, sign: number): void {
  const { layout, tables } = state
  const queue = tables.jobs.queue[job]!
  const gpus = tables.jobs.heldGpus[job]!
  const cores = tables.jobs.heldCores[job]!
  chargeQuota(layout.quotas, tables.queues.usedGpus, queue, 'gpus', sign * gpus)
  chargeQuota(layout.quotas, tables.queues.usedCores, queue, 'cores', sign * cores)
  const rate = sign * (gpus + cores * layout.gpusPerCore)
  chargeUse(state, queue, rate, tables.jobs.expectedEndAtMs[job]!)
}

function changeWhole(
  state: State, pool: PoolLayout, holder: number, first: number, end: number): void {
  const { nodes } = state.tables
  // Plain loops: a call of fill costs more than the few nodes of a rack.
  for (let node = first; node < end; node++) nodes.holder[node] = holder
  const isTaken = holder !== NONE
  // Only runs of nodes that are neither down nor drained are in the index, or go back into it.
  for (let from = first; from < end;) {
    let to = from
    while (to < end && nodes.flags[to] === 0) to++
    if (to > from) indexRun(state, pool, from, to, isTaken)
    from = to + 1
  }
}

function changePart(
  state: State, job: number, node: number, mask: number, shape: Shape, isTaken: boolean): void {
  const { nodes, devices, jobs } = state.tables
  const { layout } = state
  const sign = isTaken ? 1 : -1
  const { isKept } = state.releases
  if (isKept && nodes.jobs[node]! > 0) state.releases.leave(state, node)
  unindexNode(state, node)
  nodes.freeDevices[node] = isTaken ? nodes.freeDevices[node]! & ~mask
    : nodes.freeDevices[node]! | mask
  nodes.freeCpus[node] = nodes.freeCpus[node]! - sign * shape.partCpus
  nodes.freeMemoryGiB[node] = nodes.freeMemoryGiB[node]! - sign * shape.partMemoryGiB
  nodes.jobs[node] = nodes.jobs[node]! + sign
  nodes.holder[node] = nodes.jobs[node] === 0 ? NONE : SHARED
  if (mask === 0) nodes.cpuJobs[node] = nodes.cpuJobs[node]! + sign
  const first = layout.firstDevice[node]!
  for (let rest = mask; rest !== 0; rest &= rest - 1) {
    devices.job[first + 31 - Math.clz32(rest & -rest)] = isTaken ? job : NONE
  }
  nodes.busyUntilMs[node] = isTaken
    ? Math.max(nodes.busyUntilMs[node]!, jobs.expectedEndAtMs[job]!)
    : busyUntil(state, node)
  indexNode(state, node)
  if (isKept && nodes.jobs[node]! > 0) state.releases.enter(state, node)
}

/** When the last of a shared node's jobs is expected to leave it. O(devices of a node). */
function busyUntil(state: State, node: number): number {
  const { nodes, devices, jobs } = state.tables
  if (nodes.jobs[node] === 0) return 0
  // Jobs without devices are not found below: the time known so far stays an upper bound.
  if (nodes.cpuJobs[node]! > 0) return nodes.busyUntilMs[node]!
  const { firstDevice } = state.layout
  let untilMs = 0
  for (let device = firstDevice[node]!; device < firstDevice[node + 1]!; device++) {
    const job = devices.job[device]!
    if (job !== NONE) untilMs = Math.max(untilMs, jobs.expectedEndAtMs[job]!)
  }
  return untilMs
}

function storeSpans(state: State, list: readonly number[]): number {
  const { totals, arena } = state
  let next: number = NONE
  for (let at = list.length - 3; at >= 0; at -= 3) {
    let row = totals.freeSpanRow
    if (row === NONE) {
      row = totals.spanRows++
      arena.grow('spans', totals.spanRows)
    } else {
      totals.freeSpanRow = state.tables.spans.next[row]!
    }
    const { spans } = state.tables
    spans.first[row] = list[at]!
    spans.end[row] = list[at + 1]!
    spans.mask[row] = list[at + 2]!
    spans.next[row] = next
    next = row
  }
  return next
}

function freeSpans(state: State, job: number): void {
  const { jobs, spans } = state.tables
  let row = jobs.firstSpan[job]!
  while (row !== NONE) {
    const next = spans.next[row]!
    spans.next[row] = state.totals.freeSpanRow
    state.totals.freeSpanRow = row
    row = next
  }
  jobs.firstSpan[job] = NONE
  jobs.pool[job] = NONE
}

export function fullMask(gpus: number): number {
  return gpus === 32 ? -1 : ((1 << gpus) - 1) | 0
}

/** Sets the cap for which a placed job is charged, and with it what it is expected to draw. */
export function recharge(state: State, job: number, capW: number): void {
  const { jobs } = state.tables
  const pool = state.layout.pools[jobs.pool[job]!]!
  jobs.capW[job] = capW
  rebook(state, job, 'chargeW', 'grantW', chargeAt(pool, state, capW))
  const movedFromW = jobs.drawW[job]!
  rebook(state, job, 'drawW', 'drawW', drawOf(state, job, pool, capW))
  const placement = placementOf(state, job)
  doubt(state, job, placement, pool, movedFromW)
  const sdW = sdOf(state, job, pool, capW)
  if (sdW === jobs.sdW[job]) return
  spread(state, placement, jobs.sdW[job]!, -1)
  spread(state, placement, sdW, 1)
  jobs.sdW[job] = sdW
}

/** More is known of a placed job: it is booked anew, and what it draws is no longer in doubt. */
export function rebelieve(state: State, job: number): void {
  const { jobs } = state.tables
  const pool = state.layout.pools[jobs.pool[job]!]!
  rebook(state, job, 'drawW', 'drawW', drawOf(state, job, pool, jobs.capW[job]!))
  // What it has shown may say that less keeps what it is promised, or more.
  rebook(state, job, 'floorW', 'floorW', floorOf(state, job, pool))
  jobs.knownW[job] = jobs.drawW[job]!
  doubtKnown(state, placementOf(state, job), jobs.unsureW[job]!)
  jobs.unsureW[job] = 0
}

/** A job's draw moved along its curve: from where it was known, what is off grows in one go. */
function doubt(
  state: State, job: number, placement: Placement, pool: PoolLayout, movedFromW: number): void {
  const { jobs } = state.tables
  const drawW = jobs.drawW[job]!
  if (drawW === movedFromW) return
  const { afterW, movedW } = doubtOfMove(state, job, pool, movedFromW, drawW)
  doubtMove(state, placement, jobs.unsureW[job]!, afterW, movedW)
  jobs.unsureW[job] = afterW
}

/** A device's deviation after its draw moved, and what of that readings said nothing of, watts. */
type DoubtOfMove = { readonly afterW: number, readonly movedW: number }

/** What is in doubt of a device of a job that moves along its curve. O(points). */
export function doubtOfMove(
  state: State, job: number, pool: PoolLayout, movedFromW: number, drawW: number): DoubtOfMove {
  const knownW = state.tables.jobs.knownW[job]!
  // Of a job that was never seen capped, only meters at its full draw could tell.
  const fromW = knownW === 0 ? drawOf(state, job, pool, pool.system.deviceRatedW) : knownW
  const before = unsureOf(movedFromW, fromW)
  const after = unsureOf(drawW, fromW)
  const movedW = Math.sqrt(Math.max(0, after * after - before * before))
  return { afterW: unsureOf(drawW, knownW), movedW }
}

/** Sets how much of a job's draw may not be there yet. O(racks of the job × depth). */
export function setRising(state: State, job: number, watts: number): void {
  rebook(state, job, 'risingW', 'risingW', watts)
}

function rebook(
  state: State, job: number, column: 'chargeW' | 'floorW' | 'drawW' | 'risingW',
  ledger: Ledger | 'risingW', watts: number): void {
  const { jobs } = state.tables
  const byW = watts - jobs[column][job]!
  if (byW === 0) return
  const { gpus } = state.layout.pools[jobs.pool[job]!]!.system
  chargeSpans(state, ledger, jobs.firstSpan[job]!, gpus, byW)
  jobs[column][job] = watts
}
