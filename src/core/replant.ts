import { NONE } from '../base/id.ts'
import type { Columns, TableSpec } from '../base/table.ts'
import { PHASE, type Placement, type Plant } from '../model/index.ts'
import { acquire, placementOf } from './allocation.ts'
import { isQueued } from './apply.ts'
import { countDown } from './down.ts'
import { indexNode, unindexNode } from './free.ts'
import { restartHistories } from './history.ts'
import { changeRatio } from './ledger.ts'
import { takeLimits } from './limits.ts'
import { restartUse } from './share.ts'
import { createState, DOWN, type SPECS, type State } from './state.ts'
import { insertItem } from './tree.ts'

/** What differs besides the plant. */
export type Replanting = {
  /** Where a node of the old plant is in the new one; nodes of a rack stay side by side. */
  readonly nodeOf?: (node: number) => number
  /** New rank of a job. */
  readonly rankOf?: (job: number) => number
}

/** What is copied as it is. All else follows from the plant and from who holds what. */
const COPIED = [
  'jobs', 'queues', 'lanes', 'runs', 'windows', 'waiters', 'speeds', 'limits', 'seen',
] as const satisfies (keyof typeof SPECS)[]

/**
 * The same work in a plant that was changed: other limits, quotas or rates, or more nodes. Queues,
 * pools, device types and feeders keep their ids; every job stays where it is. Reservations are
 * dropped, and the next round decides anew. Where a limit is lower than what is granted, the jobs
 * go on. Shares nothing with the old state. O(nodes + jobs).
 */
export function replant(state: State, plant: Plant, how: Replanting = {}): State {
  const { nodeOf = (node: number) => node, rankOf } = how
  const moved = createState(plant, state.totals.isPowered === 1)
  moved.arena.grow('jobs', state.totals.jobRows)
  moved.arena.grow('waiters', state.totals.waiterRows)
  moved.arena.grow('speeds', state.totals.speedRows)
  moved.arena.grow('seen', state.totals.seenRows)
  moved.arena.grow('items', plant.nodes + state.totals.jobRows)
  for (const name of COPIED) copyRows(state.tables[name], moved.tables[name])
  // Other supplies begin anew.
  const cells = moved.tables.supplies.value
  if (cells.length === state.tables.supplies.value.length) cells.set(state.tables.supplies.value)
  moved.names.push(...state.names)
  const { histories } = moved.totals
  Object.assign(moved.totals, state.totals, {
    histories,
    pending: 0, busyGpus: 0, waitingGpus: 0, spanRows: 0, freeSpanRow: NONE, isFreed: 1,
  })
  moved.tables.queues.usedGpus.fill(0)
  moved.tables.queues.usedCores.fill(0)
  restartUse(moved)
  moved.tables.lanes.root.fill(NONE)
  moveFlags(state, moved, nodeOf)
  moveWindows(moved, nodeOf)
  moveFeeders(state, moved)
  const { phase, rank } = moved.tables.jobs
  for (let job = 0; job < moved.totals.jobRows; job++) {
    if (phase[job] === PHASE.free) continue
    if (rankOf !== undefined) rank[job] = rankOf(job)
    if (phase[job] === PHASE.pending) wait(moved, job)
    else acquire(moved, job, movedPlacement(placementOf(state, job), nodeOf))
  }
  const kept = state.tables.histories.feeder.subarray(0, state.totals.histories)
  restartHistories(moved, [...kept])
  return moved
}

function copyRows(from: Columns<TableSpec>, to: Columns<TableSpec>): void {
  for (const [name, column] of Object.entries(from)) {
    const target = to[name]!
    target.set(column.subarray(0, Math.min(column.length, target.length)))
  }
}

function moveFlags(state: State, moved: State, nodeOf: (node: number) => number): void {
  const { flags } = state.tables.nodes
  for (let node = 0; node < flags.length; node++) {
    if (flags[node] === 0) continue
    const to = nodeOf(node)
    unindexNode(moved, to)
    moved.tables.nodes.flags[to] = flags[node]!
    if ((flags[node]! & DOWN) !== 0) countDown(moved, to, 1)
    indexNode(moved, to)
  }
}

/** What holds at feeders and what their meters said; the old ones keep their ids. */
function moveFeeders(state: State, moved: State): void {
  const from = state.tables.feeders
  const to = moved.tables.feeders
  moved.totals.shiftedRatios = 0
  for (let feeder = 0; feeder < from.ratioPer10k.length; feeder++) {
    const ratio = from.ratioPer10k[feeder]!
    if (ratio !== state.layout.feederRatio[feeder]) changeRatio(moved, feeder, ratio)
  }
  const metered = [
    'meterW', 'meteredAtMs', 'meanW', 'offW', 'offVariance', 'price', 'drawPrice',
  ] as const
  for (const name of metered) {
    to[name].set(from[name].subarray(0, Math.min(from[name].length, to[name].length)))
  }
  takeLimits(moved)
}

/** Nodes that come to lie between those of a window are in it. */
function moveWindows(moved: State, nodeOf: (node: number) => number): void {
  const { first, end, endAtMs } = moved.tables.windows
  for (let window = 0; window < moved.totals.windows; window++) {
    if (endAtMs[window] === 0) continue
    first[window] = nodeOf(first[window]!)
    end[window] = nodeOf(end[window]! - 1) + 1
  }
}

function wait(state: State, job: number): void {
  const { jobs, lanes } = state.tables
  state.totals.pending++
  state.totals.waitingGpus += jobs.gpus[job]!
  if (!isQueued(state, job)) return
  const lane = jobs.lane[job]!
  const item = state.layout.plant.nodes + job
  lanes.root[lane] = insertItem(
    state, lanes.root[lane]!, item, jobs.rank[job]!, jobs.number[job]!, 1)
}

/** A span that other nodes now part becomes two. */
function movedPlacement(placement: Placement, nodeOf: (node: number) => number): Placement {
  const spans: number[] = []
  for (let at = 0; at < placement.spans.length; at += 3) {
    const mask = placement.spans[at + 2]!
    let first = spans.length
    for (let node = placement.spans[at]!; node < placement.spans[at + 1]!; node++) {
      const to = nodeOf(node)
      if (first < spans.length && spans.at(-2) === to) {
        spans[spans.length - 2] = to + 1
        continue
      }
      first = spans.length
      spans.push(to, to + 1, mask)
    }
  }
  return { pool: placement.pool, spans }
}
