import { NONE } from '../base/id.ts'
import type { Placement } from '../model/index.ts'
import { drawAims, grantMost, soldOverMost } from './aims.ts'
import type { PowerJob, PowerOptions, PowerTree } from './allocate-input.ts'
import { placementOf } from './allocation.ts'
import {
  chargeAt, curveOn, drawOf, isAsItsClass, isPausable, leastCapW, PAUSED_W, speedOfJob,
} from './caps.ts'
import type { DoubtAhead } from './doubt.ts'
import { convert, forEachRack, isSoldOver } from './ledger.ts'
import type { State } from './state.ts'

/**
 * The state as the allocator of watts sees it: feeders with what must hold there from now until an
 * order could act, and what each job can be given.
 */

/** A job and the caps that it can be given, beside the columns that the allocator reads. */
export type PowerCandidate = {
  readonly job: number
  readonly placement: Placement
  readonly row: PowerJob
  /** Cap of each point; 0 for a pause. */
  readonly caps: readonly number[]
}

/** Where a placement draws: leaves of the power tree, and how many devices are below each. */
type Shares = { readonly feeders: number[], readonly devices: number[] }

/**
 * The tree with the least limits and aims between two times. What is drawn without jobs is less
 * than what is granted for it: aims of draw count that, and what is in doubt `ahead`.
 */
export function powerTree(
  state: State, fromMs: number, untilMs: number, ahead?: DoubtAhead): PowerTree {
  const { layout, tables } = state
  const limitW = new Float64Array(layout.feederParent.length)
  const targetW = new Float64Array(limitW.length)
  grantMost(state, fromMs, untilMs, limitW)
  drawAims(state, fromMs, untilMs, 'middle', targetW, { ahead })
  if (isSoldOver(state)) {
    const most = new Float64Array(limitW.length)
    soldOverMost(state, fromMs, untilMs, [], most)
    limitW.fill(Infinity)
    for (let at = 0; at < most.length; at++) targetW[at] = Math.min(targetW[at]!, most[at]!)
  }
  const idleGrantW = idleLoadsW(state, layout.feederBaseW)
  const idleDrawW = idleLoadsW(state, layout.drawBaseW)
  for (let feeder = 0; feeder < targetW.length; feeder++) {
    targetW[feeder] = targetW[feeder]! + idleGrantW[feeder]! - idleDrawW[feeder]!
  }
  return {
    parent: layout.feederParent, ratioPer10k: tables.feeders.ratioPer10k,
    baseW: layout.feederBaseW, limitW, targetW,
  }
}

/** Watts at each feeder of what is there without jobs, with all below it. O(feeders). */
function idleLoadsW(state: State, baseW: Float64Array): Float64Array {
  const watts = baseW.slice()
  const { ratioPer10k } = state.tables.feeders
  for (let at = watts.length - 1; at >= 0; at--) {
    const parent = state.layout.feederParent[at]!
    if (parent >= 0) watts[parent] = watts[parent]! + convert(ratioPer10k[at]!, watts[at]!)
  }
  return watts
}

/** A placed job with devices. O(its racks + points). */
export function placedCandidate(state: State, job: number): PowerCandidate {
  return candidateOf(state, job, placementOf(state, job), state.tables.jobs.heldGpus[job]!, true)
}

/** A pending job where it would go: it need not start, which costs and gives nothing. */
export function pendingCandidate(
  state: State, job: number, placement: Placement, devices: number): PowerCandidate {
  return candidateOf(state, job, placement, devices, false)
}

function candidateOf(
  state: State, job: number, placement: Placement, devices: number, isPlaced: boolean,
): PowerCandidate {
  const { feeders, devices: below } = sharesOf(state, placement)
  const { caps, options } = pointsOf(state, job, placement.pool, devices, isPlaced)
  const priority = state.tables.jobs.priority[job]!
  return { job, placement, caps, row: { options, feeders, devices: below, priority } }
}

function sharesOf(state: State, placement: Placement): Shares {
  const shares: Shares = { feeders: [], devices: [] }
  const { feederOfRack } = state.layout
  forEachRack(state, placement, (rack, devices) => {
    const feeder = feederOfRack[rack]!
    const known = shares.feeders.at(-1) === feeder ? shares.feeders.length - 1
      : shares.feeders.indexOf(feeder)
    if (known === NONE) {
      shares.feeders.push(feeder)
      shares.devices.push(devices)
    } else {
      shares.devices[known] = shares.devices[known]! + devices
    }
  })
  return shares
}

/** Caps that a job can be given, with what each is charged, draws and is worth. O(points). */
function pointsOf(
  state: State, job: number, poolId: number, devices: number, isPlaced: boolean): Points {
  const pool = state.layout.pools[poolId]!
  const { jobs } = state.tables
  const worth = jobs.worth[job]! * pool.system.speed * devices
  if (jobs.leastSpeed[job] === 0 && isAsItsClass(state, job, pool)) {
    const { caps, options } = classPoints(state, job, poolId, isPlaced)
    return { caps, options: { ...options, value: options.value.map((speed) => worth * speed) } }
  }
  return ownPoints(state, job, poolId, worth, isPlaced)
}

type Points = { readonly caps: readonly number[], readonly options: PowerOptions }

const classes = new WeakMap<State['layout'], Map<number, Points>>()

/** The points of a job that is as its class and was promised nothing, worth its throughput. */
function classPoints(state: State, job: number, poolId: number, isPlaced: boolean): Points {
  let known = classes.get(state.layout)
  if (known === undefined) {
    known = new Map()
    classes.set(state.layout, known)
  }
  const { pools } = state.layout
  const key = (state.tables.jobs.curve[job]! * pools.length + poolId) * 2 + (isPlaced ? 1 : 0)
  let points = known.get(key)
  if (points === undefined) {
    points = ownPoints(state, job, poolId, 1, isPlaced)
    known.set(key, points)
  }
  return points
}

function ownPoints(
  state: State, job: number, poolId: number, worth: number, isPlaced: boolean): Points {
  const pool = state.layout.pools[poolId]!
  const leastW = leastCapW(state, job, pool)
  const caps = [leastW, ...curveOn(state, job, pool).capW.filter((capW) => capW > leastW)]
  const isFree = isPlaced ? isPausable(state, job) : true
  const grantW = caps.map((capW) => chargeAt(pool, state, capW))
  const drawW = caps.map((capW) => drawOf(state, job, pool, capW))
  const value = caps.map((capW) => worth * speedOfJob(state, job, pool, capW))
  const idleW = isPlaced ? chargeAt(pool, state, PAUSED_W) : 0
  if (isFree && idleW < grantW[0]!) {
    caps.unshift(PAUSED_W)
    grantW.unshift(idleW)
    drawW.unshift(idleW)
    value.unshift(0)
  }
  for (let at = 1; at < caps.length; at++) {
    // What is measured need not rise from point to point.
    drawW[at] = Math.max(drawW[at]!, drawW[at - 1]!)
    value[at] = Math.max(value[at]!, value[at - 1]!)
  }
  return { caps, options: { grantW, drawW, value, canPause: caps[0] === PAUSED_W } }
}

/** The cap that leads to a grant: between two points any whole watt can be set. */
export function capFor({ caps, row }: PowerCandidate, grantW: number): number {
  const { options } = row
  if (options.canPause && grantW <= options.grantW[0]!) return PAUSED_W
  const first = options.canPause ? 1 : 0
  return caps[first]! + Math.max(0, grantW - options.grantW[first]!)
}

/** The grant that a cap leads to. */
export function grantFor({ caps, row }: PowerCandidate, capW: number): number {
  const { options } = row
  if (options.canPause && capW === PAUSED_W) return options.grantW[0]!
  const first = options.canPause ? 1 : 0
  return options.grantW[first]! + Math.max(0, capW - caps[first]!)
}
