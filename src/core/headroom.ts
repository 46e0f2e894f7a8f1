import type { Placement } from '../model/index.ts'
import { lowerToAims, lowerToGrants, rises, soldOverMost, type Swing } from './aims.ts'
import { chargeAt, drawOf, floorOf, leastCapW, sdOf } from './caps.ts'
import {
  canBind, Draft, forEachRack, isAmple, isPlain, isSoldOver, type Ledger,
} from './ledger.ts'
import { lowerToLimits } from './limits.ts'
import type { PoolLayout } from './layout.ts'
import { lowerByGrowth, mostGrowth } from './planned-floors.ts'
import { createState, type State } from './state.ts'
import { devicesAt } from './spread.ts'
import type { Raise } from './surge.ts'
import { NEVER_MS } from './windows.ts'

/**
 * Whether the feeders above a place can carry a job: what it is charged, under the limits that hold
 * until an order of caps could act; and under all that is known of the time in which it is expected
 * to run, what it can be held to then. Where no power policy acts nothing is capped, so that is
 * what it is charged.
 */

/** Watts above idle of one device, and until when the job is expected to run. */
export type PowerNeed = {
  readonly chargeW: number
  readonly floorW: number
  /** What one device is expected to draw: counts under targets. */
  readonly drawW: number
  readonly sdW: number
  /** The least by which its draw can begin: just that may be more than a rule allows. */
  readonly stepW: number
  /** Where a cap is raised: what a device may bring beyond what is booked. */
  readonly raise?: Raise
  readonly untilMs: number
  /** The same at the lowest cap: what it needs to go on, however little is left. */
  readonly least?: PowerNeed
}

/** A feeder cannot carry it: at `atMs`, now or later, where it needs and has so many watts. */
export type PowerMissing = {
  readonly missing: 'power'
  readonly feeder: number
  readonly needW: number
  readonly haveW: number
  readonly atMs: number
  /** What would be too much: grants, floors, or what is drawn (under a target). */
  readonly ledger: Ledger
}

const NOTHING = { chargeW: 0, floorW: 0, drawW: 0, sdW: 0, stepW: 0 } as const

/** What a job needs in a pool with its devices at their rating, or capped. */
export function powerNeed(
  state: State, job: number, poolId: number, untilMs: number, capW?: number): PowerNeed {
  const pool = state.layout.pools[poolId]!
  if (state.tables.jobs.gpus[job] === 0) return { ...NOTHING, untilMs }
  const chargeW = capW === undefined ? pool.chargeW : chargeAt(pool, state, capW)
  if (state.totals.isPowered === 0) return { ...NOTHING, chargeW, floorW: chargeW, untilMs }
  const atW = capW ?? pool.system.deviceRatedW
  const drawW = drawOf(state, job, pool, atW)
  const leastW = leastCapW(state, job, pool)
  const stepW = drawOf(state, job, pool, leastW)
  const floorW = floorOf(state, job, pool)
  return {
    chargeW, floorW, drawW, sdW: sdOf(state, job, pool, atW), stepW, untilMs,
    ...state.totals.shiftedRatios === 0 ? {} : { least: {
      chargeW: chargeAt(pool, state, leastW), floorW, drawW: stepW,
      sdW: sdOf(state, job, pool, leastW), stepW, untilMs: 0,
    } },
  }
}

/** What a job needs that is never capped and of which nobody knows how long it runs. */
export function ratedNeed({ chargeW }: PoolLayout): PowerNeed {
  return { ...NOTHING, chargeW, floorW: chargeW, untilMs: NEVER_MS }
}

/** What a placement of so many devices on so many nodes lacks, or undefined. O(racks × depth). */
export function shortIn(
  state: State, placement: Placement, need: PowerNeed, devices: number, nodes: number,
): PowerMissing | undefined {
  const pool = state.layout.pools[placement.pool]!
  if (!canBind(state, pool)) return undefined
  const { limitW, grantW } = state.tables.feeders
  const isNow = isPlain(state)
  if (isNow && isAmple(limitW, grantW, pool, need.chargeW, devices, nodes)) return undefined
  const { nowMs } = state.totals
  if (isNow) return shortUnder(state, placement, 'grantW', need.chargeW, limitW, nowMs)
  const planned = shortAsPlanned(state, placement, need, devices, nodes)
  if (planned !== undefined) return planned
  const swings = [{ placement, sdW: need.sdW, sign: 1 }]
  return shortAhead(state, need, swings, (ledger, perDeviceW, limits, atMs) =>
    shortUnder(state, placement, ledger, perDeviceW, limits, atMs))
}

const idle = new WeakMap<State['layout'], State>()

/**
 * What a placement would lack in an empty factory whose cooling takes what is planned: while it
 * takes less, a job may fit where later it could never go on, and stay paused for ever, since what
 * is paused keeps its nodes. O(racks × depth), and one empty state for each plant.
 */
export function shortAsPlanned(
  state: State, placement: Placement, { least }: PowerNeed, devices: number, nodes: number,
): PowerMissing | undefined {
  if (least === undefined) return undefined
  const { layout } = state
  let empty = idle.get(layout)
  if (empty === undefined) {
    empty = createState(layout.plant, true)
    idle.set(layout, empty)
  }
  return shortIn(empty, placement, least, devices, nodes)
}

/** What is not passed: limits on average where they are sold over, else by grants; or aims. */
type LimitsOf = 'sold' | 'grants' | 'aims'

/** Losses are rounded up at each feeder, less than a watt each: no tree is that deep. */
const ROUNDING_W = 64

/**
 * The limits that must hold: those of the next moments for what is charged, those of the whole run
 * for floors, and what is aimed at for draw. `check` says for each what it would overload. Without
 * a swing no place is known yet: then the least step that a rule allows alone is not judged.
 */
export function shortAhead<Short>(
  state: State, { chargeW, floorW, drawW, stepW, raise, untilMs }: PowerNeed,
  swings: readonly Swing[],
  check: (ledger: Ledger, perDeviceW: number, limitW: Float64Array, atMs: number,
    kind: LimitsOf) => Short | undefined,
): Short | undefined {
  const { nowMs, isPowered, targets } = state.totals
  const soonMs = isPowered === 1 ? nowMs + state.layout.plant.power.capMs : untilMs
  const now = isSoldOver(state)
    ? under(state, 'sold', (most) => soldOverMost(state, nowMs, soonMs, swings, most),
      (most) => check('drawW', drawW, most, nowMs, 'sold'))
    : under(state, 'grants', (most) => lowerToGrants(state, nowMs, soonMs, most),
      (most) => check('grantW', chargeW, most, nowMs, 'grants'))
  if (now !== undefined || isPowered === 0) return now
  const later = under(state, 'grants', (most) => lowerToFloors(state, untilMs, most),
    (most) => check('floorW', floorThenW(state, floorW), most, untilMs, 'grants'))
  if (later !== undefined) return later
  if (targets === 0 && rises(state).length === 0) return undefined
  const placement = swings[0]?.placement
  const leastStepW = (feeder: number) => drawW > stepW ? 0 : placement === undefined ? Infinity
    : ROUNDING_W + devicesAt(state, placement, feeder) * stepW
  const raiseAt = raise === undefined || placement === undefined ? undefined
    : { raise, devicesAt: (feeder: number) => devicesAt(state, placement, feeder) }
  return under(state, 'aims', (most) => lowerToAims(
    state, nowMs, soonMs, 'edge', most, { stepW: leastStepW, raise: raiseAt }),
    (most) => check('drawW', drawW, most, nowMs, 'aims'))
}

/** Lowers `most` to what floors may be now until a time. */
function lowerToFloors(state: State, untilMs: number, most: Float64Array): void {
  const { nowMs, shiftedRatios, limits } = state.totals
  lowerToLimits(state, nowMs, untilMs, false, most)
  if (shiftedRatios > 0 && limits > 0) lowerByGrowth(state, most)
}

/** What a device is held to, once cooling takes what is planned, as watts of now. */
function floorThenW(state: State, floorW: number): number {
  const { shiftedRatios, limits } = state.totals
  return shiftedRatios > 0 && limits > 0 ? Math.ceil(floorW * mostGrowth(state)) : floorW
}

/**
 * Whether each site of a pool lacks watts for so many devices wherever below it they are, by the
 * least that it could take there: then no other place need be looked at. O(rows of limits + sites).
 */
export function isShortAtRoots(
  state: State, { roots }: PoolLayout, devices: number, need: PowerNeed): boolean {
  if (isPlain(state) || isSoldOver(state) || state.totals.shiftedRatios > 0) return false
  const short = shortAhead(state, need, [], (ledger, perDeviceW, limitW) => {
    const wattsW = state.tables.feeders[ledger]
    for (const { feeder, leastRatio } of roots) {
      const needW = Math.floor(devices * perDeviceW * leastRatio)
      if (needW <= 0 || needW <= limitW[feeder]! - wattsW[feeder]!) return undefined
    }
    return true
  })
  return short === true
}

/**
 * Lowers a column of what may be at feeders, checks under it, and puts it back, so that it need not
 * be written whole for each check. O(rows of limits + sites), but for what is sold over.
 */
function under<Short>(
  state: State, kind: LimitsOf, lower: (most: Float64Array) => void,
  check: (most: Float64Array) => Short | undefined): Short | undefined {
  const most = scratchFor(state)[kind]
  lower(most)
  const short = check(most)
  if (kind === 'sold') return short
  const { layout, tables, totals } = state
  const { feeder } = tables.limits
  const restore = (at: number) => {
    most[at] = kind === 'aims' ? Infinity : layout.feederLimitW[at]!
  }
  for (let row = 0; row < totals.limitRows; row++) restore(feeder[row]!)
  for (const site of layout.plant.sites) restore(site.feeder)
  return short
}

function shortUnder(
  state: State, placement: Placement, ledger: Ledger, perDeviceW: number, limitW: Float64Array,
  atMs: number): PowerMissing | undefined {
  const draft = draftOf(state, ledger)
  forEachRack(state, placement, (rack, devices) => {
    draft.add(state, state.layout.feederOfRack[rack]!, devices * perDeviceW)
  })
  const feeder = draft.overloaded(state, limitW)
  if (feeder < 0) return undefined
  const haveW = limitW[feeder]! - state.tables.feeders[ledger][feeder]!
  return { missing: 'power', feeder, needW: draft.at(feeder), haveW, atMs, ledger }
}

/** Columns of what may be granted and drawn where nothing but the plant says so, and of no kind. */
type Scratch = {
  readonly draft: Draft, readonly grants: Float64Array, readonly aims: Float64Array,
  readonly sold: Float64Array,
}

const scratches = new WeakMap<State['layout'], Scratch>()

function scratchFor(state: State): Scratch {
  let scratch = scratches.get(state.layout)
  if (scratch === undefined) {
    const feeders = state.layout.plant.feeders.length
    scratch = {
      draft: new Draft(feeders),
      grants: state.layout.feederLimitW.slice(),
      aims: new Float64Array(feeders).fill(Infinity),
      sold: new Float64Array(feeders),
    }
    scratches.set(state.layout, scratch)
  }
  return scratch
}

/** A cleared draft of a ledger for this plant. */
export function draftOf(state: State, ledger: Ledger = 'grantW'): Draft {
  const { draft } = scratchFor(state)
  draft.clear(ledger)
  return draft
}
