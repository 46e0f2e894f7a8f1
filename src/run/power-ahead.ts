import { placementOf } from '../core/allocation.ts'
import { capBelowRating, curveOn, drawOf, speedOfJob } from '../core/caps.ts'
import { convert, forEachRack } from '../core/ledger.ts'
import { leastOfCourseW } from '../core/limits.ts'
import { jobName, type State } from '../core/state.ts'
import { drawSdAt, LIMIT_KINDS, PHASE, RATIO_ONE } from '../model/index.ts'
import { fromHours, perMegawatt } from '../base/units.ts'
import { lookAhead, type AheadOptions } from './ahead.ts'
import { suppliesNow, type SuppliesNow } from './supply-view.ts'

/** A feeder in one step of the time ahead. */
export type PowerMoment = {
  /** Where the step begins; it lasts until the next one. */
  readonly atMs: number
  /** Least that may be granted at some time in the step, and drawn there; Infinity: anything. */
  readonly limitW: number
  readonly targetW: number
  /** At the beginning of the step: what is granted, and the least that jobs can be held to. */
  readonly grantW: number
  readonly floorW: number
  /** What is expected to be drawn then, and its standard deviation over time. */
  readonly drawW: number
  readonly drawSdW: number
  /** What one more megawatt is worth: devices at work, of jobs that are worth 1. */
  readonly gpusPerMW: number
  readonly capped: number
  readonly paused: number
  /** At the root of a site that names supplies. */
  readonly supplied: SuppliedMoment | null
}

/** What gives a site its watts at the beginning of a step, W; below 0 the battery takes. */
export type SuppliedMoment = Pick<SuppliesNow,
  'gridW' | 'generatorsW' | 'solarW' | 'batteryW' | 'storedMWh'> & {
  /** Drawn and not given, in all of the step. */
  readonly unservedMWh: number
}

/** A job that is capped or paused. */
export type HeldJob = {
  readonly number: number
  readonly name: string
  readonly gpus: number
  /** Watts of each of its devices; 0: it is paused. */
  readonly capW: number
  readonly speed: number
}

export type PowerCourse = {
  readonly feeder: string
  /** Last reading of its meter; -1 where it was never read. */
  readonly meterW: number
  readonly meteredAtMs: number
  readonly moments: readonly PowerMoment[]
  /** At the root of a site that names supplies: how each of them stands at the first moment. */
  readonly supplies: SuppliesNow | null
  /** The hour in which watts are scarcest, and who is held down in it, most devices first. */
  readonly worst: {
    readonly fromMs: number
    readonly untilMs: number
    /** Least that the limit leaves above the floor, W. */
    readonly spareW: number
    /** Least target; Infinity where there is none. */
    readonly targetW: number
    readonly gpusPerMW: number
    /** Where the site names supplies: least charge, null without a battery, and what is lacking. */
    readonly supplied: {
      readonly storedMWh: number | null
      readonly unservedMWh: number
    } | null
    readonly held: readonly HeldJob[]
    readonly heldJobs: number
  }
}

export type PowerAhead = {
  readonly atMs: number
  readonly untilMs: number
  readonly stepMs: number
  readonly isPowered: boolean
  readonly feeders: readonly PowerCourse[]
}

export type PowerAheadOptions = Pick<AheadOptions, 'policies' | 'rankOf' | 'seed' | 'failures'
  | 'scenario'> & {
  readonly hoursMs: number
  readonly feeders: readonly number[]
}

/** Steps of a look ahead: as many columns has its chart. */
export const STEPS = 48

/** Jobs that are named. */
const HELD_MOST = 10

/**
 * The hours ahead of a state at some feeders: one future, on what is believed of run times. Nothing
 * more comes. The state is not touched. Costs a look ahead, and a walk over all jobs in each step.
 */
export function powerAhead(state: State, options: PowerAheadOptions): PowerAhead {
  const { feeders, hoursMs } = options
  const atMs = state.totals.nowMs
  const stepMs = Math.max(1, Math.ceil(hoursMs / STEPS))
  const rows: Step[][] = feeders.map(() => [])
  const stood: SuppliesNow[][] = feeders.map(() => [])
  const take = (now: State) => {
    const fromMs = now.totals.nowMs
    feeders.forEach((feeder, at) => {
      const supplies = suppliesOf(now, feeder)
      if (supplies !== undefined) stood[at]!.push(supplies)
      if (rows[at]!.length < STEPS) rows[at]!.push(stepOf(now, feeder, fromMs, stepMs))
    })
  }
  lookAhead(state, {
    ...options, untilMs: atMs + STEPS * stepMs,
    steps: { everyMs: stepMs, onStep: take, isFromStart: true },
  })
  rows.forEach((some, at) => some.forEach((step, place) => {
    step.moment = { ...step.moment, supplied: suppliedOf(stood[at]!, place) }
  }))
  const { meterW, meteredAtMs } = state.tables.feeders
  return {
    atMs, untilMs: atMs + STEPS * stepMs, stepMs, isPowered: state.totals.isPowered === 1,
    feeders: feeders.map((feeder, at) => ({
      feeder: state.layout.plant.feeders[feeder]!.name,
      meterW: meteredAtMs[feeder]! < 0 ? -1 : meterW[feeder]!,
      meteredAtMs: meteredAtMs[feeder]!,
      moments: rows[at]!.map(({ moment }) => moment),
      supplies: stood[at]![0] ?? null,
      worst: worstOf(rows[at]!, stepMs),
    })),
  }
}

type Step = { moment: PowerMoment, readonly held: readonly HeldJob[] }

/** How the supplies of the site stand whose root a feeder is. */
export function suppliesOf(state: State, feeder: number): SuppliesNow | undefined {
  const site = state.layout.plant.sites.findIndex((each) => each.feeder === feeder)
  return site < 0 ? undefined : suppliesNow(state, site)
}

function suppliedOf(stood: readonly SuppliesNow[], at: number): SuppliedMoment | null {
  const now = stood[at]
  if (now === undefined) return null
  const { gridW, generatorsW, solarW, batteryW, storedMWh } = now
  // A look ahead that was cut has no next one.
  const unservedMWh = (stood[at + 1] ?? now).unservedMWh - now.unservedMWh
  return { gridW, generatorsW, solarW, batteryW, storedMWh, unservedMWh }
}

function stepOf(state: State, feeder: number, atMs: number, stepMs: number): Step {
  const { feeders, jobs } = state.tables
  const isPowered = state.totals.isPowered === 1
  const least = leastOver(state, feeder, atMs, atMs + stepMs - 1)
  const held: HeldJob[] = []
  const below = { drawW: idleDrawW(state, feeder), variance: 0, capped: 0, paused: 0 }
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (jobs.phase[job]! < PHASE.starting || jobs.heldGpus[job] === 0) continue
    const share = sharesAt(state, job, feeder)
    if (share === 0) continue
    const pool = state.layout.pools[jobs.pool[job]!]!
    const capW = jobs.capW[job]!
    below.drawW += share * drawOf(state, job, pool, capW)
    // A gang works in step, so its devices swing together.
    const sdW = capW === 0 ? 0 : share * drawSdAt(curveOn(state, job, pool), capW)
    below.variance += sdW * sdW
    if (capBelowRating(state, job) < 0) continue
    if (capW === 0) below.paused++
    else below.capped++
    held.push({
      number: jobs.number[job]!, name: jobName(state, job), gpus: jobs.heldGpus[job]!, capW,
      speed: speedOfJob(state, job, pool, capW),
    })
  }
  held.sort((a, b) => b.gpus - a.gpus || a.number - b.number)
  const grantW = feeders.grantW[feeder]!
  return {
    held,
    moment: {
      atMs, ...least, grantW, floorW: isPowered ? feeders.floorW[feeder]! : grantW,
      drawW: Math.round(below.drawW), drawSdW: Math.round(Math.sqrt(below.variance)),
      gpusPerMW: perMegawatt(feeders.price[feeder]! + feeders.drawPrice[feeder]!),
      capped: below.capped, paused: below.paused, supplied: null,
    },
  }
}

/** What is drawn at a feeder when nothing runs, as its ratios are now. O(feeders). */
export function idleDrawW(state: State, feeder: number): number {
  const { layout, totals, tables } = state
  if (totals.shiftedRatios === 0) return layout.idleDrawW[feeder]!
  const watts = layout.drawBaseW.slice()
  for (let at = watts.length - 1; at > feeder; at--) {
    const parent = layout.feederParent[at]!
    if (parent < 0) continue
    watts[parent] = watts[parent]! + convert(tables.feeders.ratioPer10k[at]!, watts[at]!)
  }
  return watts[feeder]!
}

/** Devices of a job below a feeder, each as what a watt of it is there. */
function sharesAt(state: State, job: number, feeder: number): number {
  const { feederOfRack, feederParent } = state.layout
  const { ratioPer10k } = state.tables.feeders
  let shares = 0
  forEachRack(state, placementOf(state, job), (rack, devices) => {
    let ratio = 1
    for (let at = feederOfRack[rack]!; at >= 0; at = feederParent[at]!) {
      if (at === feeder) {
        shares += devices * ratio
        return
      }
      ratio *= ratioPer10k[at]! / RATIO_ONE
    }
  })
  return shares
}

const TARGET = LIMIT_KINDS.indexOf('target')

export function leastOver(state: State, feeder: number, fromMs: number, untilMs: number) {
  const { limits } = state.tables
  let limitW = state.layout.feederLimitW[feeder]!
  let targetW = Infinity
  for (let row = 0; row < state.totals.limitRows; row++) {
    if (limits.feeder[row] !== feeder) continue
    const watts = leastOfCourseW(state, row, fromMs, untilMs)
    if (limits.kind[row] === TARGET) targetW = Math.min(targetW, watts)
    else limitW = Math.min(limitW, watts)
  }
  return { limitW, targetW: Math.floor(targetW) }
}

/** Steps of an hour, or of all the time where that is shorter. */
const HOUR_MS = fromHours(1)

/**
 * The hour in which supplies lack most of what is drawn; else the one with the highest mean price;
 * where there is none, with least room above the floor.
 */
function worstOf(rows: readonly Step[], stepMs: number): PowerCourse['worst'] {
  const length = Math.min(rows.length, Math.max(1, Math.round(HOUR_MS / stepMs)))
  const spareOf = ({ moment }: Step) => moment.limitW - moment.floorW
  const hours = rows.slice(0, rows.length - length + 1).map((_, at) => {
    const steps = rows.slice(at, at + length)
    return {
      steps,
      price: steps.reduce((sum, { moment }) => sum + moment.gpusPerMW, 0),
      lackedMWh: lackedOf(steps),
      spareW: Math.min(...steps.map(spareOf)),
      spareSum: steps.reduce((sum, step) => sum + spareOf(step), 0),
    }
  })
  const worst = hours.reduce((most, hour) => {
    const by = most.lackedMWh - hour.lackedMWh || most.price - hour.price
      || hour.spareW - most.spareW || hour.spareSum - most.spareSum
    return by < 0 ? hour : most
  })
  const gpusPerMW = Math.max(...worst.steps.map(({ moment }) => moment.gpusPerMW))
  const step = worst.steps.reduce((most, each) =>
    each.held.length > most.held.length ? each : most)
  return {
    fromMs: worst.steps[0]!.moment.atMs, untilMs: worst.steps.at(-1)!.moment.atMs + stepMs,
    spareW: worst.spareW, targetW: Math.min(...worst.steps.map(({ moment }) => moment.targetW)),
    gpusPerMW, supplied: leastSupplied(worst.steps),
    held: step.held.slice(0, HELD_MOST), heldJobs: step.held.length,
  }
}

function lackedOf(steps: readonly Step[]): number {
  return steps.reduce((sum, { moment }) => sum + (moment.supplied?.unservedMWh ?? 0), 0)
}

function leastSupplied(steps: readonly Step[]): PowerCourse['worst']['supplied'] {
  const supplied = steps.flatMap(({ moment }) => moment.supplied ?? [])
  if (supplied.length === 0) return null
  const stored = supplied.flatMap(({ storedMWh }) => storedMWh ?? [])
  return { storedMWh: stored.length === 0 ? null : Math.min(...stored),
    unservedMWh: lackedOf(steps) }
}
