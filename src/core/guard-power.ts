import { NONE } from '../base/id.ts'
import type { JobCapped, JobStarted, Placement, PowerPriced, Step } from '../model/index.ts'
import { PHASE } from '../model/index.ts'
import type { Swing } from './aims.ts'
import { placementOf } from './allocation.ts'
import { chargeAt, drawOf, isPausable, leastCapW, PAUSED_W, sdOf } from './caps.ts'
import { gpusOn, leastNodesOf, nodesIn, plannedRunMs } from './demand.ts'
import {
  draftOf, isShortAtRoots, powerNeed, shortAhead, shortAsPlanned, type PowerNeed,
} from './headroom.ts'
import type { PoolLayout } from './layout.ts'
import { forEachRack, isAmple, isPlain, isSoldOver, type Draft, type Ledger } from './ledger.ts'
import { feedersAbove, undoesPlan } from './open-orders.ts'
import type { State } from './state.ts'
import { surgeAfterW } from './surge.ts'

/** What the guard asks of a start and of a cap before they become so, as to power. */

/** I4a and I4b: no feeder grants more than its limit, or will, once the whole decision is so. */
export function checkPower(
  state: State, step: JobStarted, earlier: readonly Step[] = [],
): string | undefined {
  const pool = state.layout.pools[step.pool]!
  const { jobs, feeders } = state.tables
  if (jobs.gpus[step.job] === 0) return undefined
  // On fewer nodes it runs for longer.
  const gpus = leastNodesOf(state, step.job) === 0 ? jobs.gpus[step.job]!
    : gpusOn(state, step.job, nodesIn(step.spans))
  const { capW } = step
  if (capW !== undefined) {
    const problem = wrongCap(state, step.job, pool, capW)
    if (problem !== undefined || capW === PAUSED_W) return problem ?? 'a job starts at work'
  }
  const { nowMs } = state.totals
  const untilMs = nowMs + plannedRunMs(state, step.job, gpus, step.pool)
  const need = powerNeed(state, step.job, step.pool, untilMs, capW)
  const planned = shortAsPlanned(state, step, need, gpus, nodesIn(step.spans))
  if (planned !== undefined) {
    const { name } = state.layout.plant.feeders[planned.feeder]!
    return `I4b feeder ${name} could not carry it once cooling takes what is planned`
  }
  const isNow = isPlain(state)
  const isReplacing = earlier.length > 0 && !isNow && state.totals.isPowered === 1
  if (isReplacing && !isSoldOver(state) && undoesPlan(state, step, earlier)) return UNDONE
  if (earlier.length === 0 && isNow) {
    const nodes = nodesIn(step.spans)
    if (isAmple(feeders.limitW, feeders.grantW, pool, need.chargeW, gpus, nodes)) return undefined
  }
  const check = (
    ledger: Ledger, perDeviceW: number, limitW: Float64Array, _atMs?: number, kind = 'grants',
  ) => {
    const draft = draftOf(state, ledger)
    for (const one of earlier) addStep(state, draft, ledger, one)
    add(state, draft, step.job, step, perDeviceW)
    // Of what holds later all that stands counts, also where no more of it stands than before; and
    // of a limit that is sold over, since what comes may draw as much and swing more.
    const isAhead = ledger === 'floorW' || kind === 'sold' || state.totals.isPowered === 0
    const stays = earlier.length > 0 && isAhead && perDeviceW > 0 ? step : undefined
    return overloadIn(state, draft, ledger, limitW, stays)
  }
  return isNow ? check('grantW', need.chargeW, feeders.limitW)?.text
    : shortAhead(state, need, swingsOf(state, [step, ...earlier]), check)?.text
}

const UNDONE = 'I4a a feeder that grants more than its limit would not come below it'

/** A cap that its devices take, or a pause of a job that may be paused; more of it must fit. */
export function checkCap(
  state: State, step: JobCapped, earlier: readonly Step[] = [],
): string | undefined {
  const { jobs, feeders } = state.tables
  const { job, capW, safeW } = step
  if (state.totals.isPowered === 0) return 'no power policy acts here'
  if (jobs.phase[job]! < PHASE.starting || jobs.gpus[job] === 0) {
    return 'only a placed job with devices is capped'
  }
  const pool = state.layout.pools[jobs.pool[job]!]!
  const problem = wrongCap(state, job, pool, capW) ?? wrongCap(state, job, pool, safeW)
  if (problem !== undefined) return problem
  if (chargeAt(pool, state, safeW) > chargeAt(pool, state, capW)) return 'the safe cap is higher'
  if (!isSoldOver(state) && undoesPlan(state, step, earlier)) return UNDONE
  const need = needOfCap(state, job, pool, capW)
  const byW = need.chargeW
  if (byW <= 0) return undefined
  const placement = placementOf(state, job)
  const isWilder = sdOf(state, job, pool, capW) > jobs.sdW[job]!
  const check = (
    ledger: Ledger, perDeviceW: number, limitW: Float64Array, _atMs?: number, kind = 'grants',
  ) => {
    const draft = draftOf(state, ledger)
    for (const one of earlier) addStep(state, draft, ledger, one)
    add(state, draft, job, placement, perDeviceW)
    // Of a limit that is sold over more of it is taken by what swings more and draws the same.
    return overloadIn(state, draft, ledger, limitW,
      kind === 'sold' && isWilder ? placement : undefined)
  }
  return isPlain(state) ? check('grantW', byW, feeders.limitW)?.text
    : shortAhead(state, need, swingsOf(state, [step, ...earlier]), check)?.text
}

/** What a placed job needs more under another cap. */
function needOfCap(state: State, job: number, pool: PoolLayout, capW: number): PowerNeed {
  const { jobs } = state.tables
  const drawW = drawOf(state, job, pool, capW) - jobs.drawW[job]!
  const stepW = jobs.orderedW[job] !== PAUSED_W || jobs.capW[job] !== PAUSED_W ? 0
    : drawOf(state, job, pool, leastCapW(state, job, pool)) - jobs.drawW[job]!
  const chargeW = chargeAt(pool, state, capW) - jobs.chargeW[job]!
  const raise = { beforeW: jobs.surgeW[job]!, afterW: surgeAfterW(state, job, pool, capW) }
  return { chargeW, floorW: 0, drawW, sdW: 0, stepW, raise, untilMs: state.totals.nowMs }
}

/** Whether no site that a job could be in has the watts for a higher cap. O(rows of limits). */
export function isCapShortAtRoots(state: State, job: number, capW: number): boolean {
  const { jobs } = state.tables
  const pool = state.layout.pools[jobs.pool[job]!]!
  return isShortAtRoots(state, pool, jobs.heldGpus[job]!, needOfCap(state, job, pool, capW))
}

/** Prices are of feeders that there are, each once at most, none negative or without end. */
export function wrongPrices(
  state: State, { feeders, prices, drawPrices }: PowerPriced): string | undefined {
  if (prices.length !== feeders.length || drawPrices.length !== feeders.length) {
    return 'each feeder that is named has two prices'
  }
  const isPrice = (price: number) => price >= 0 && price < Infinity
  const isRight = feeders.every((feeder, at) =>
    state.layout.plant.feeders[feeder] !== undefined && (at === 0 || feeder > feeders[at - 1]!)
    && isPrice(prices[at]!) && isPrice(drawPrices[at]!))
  return isRight ? undefined : 'prices are of feeders in their order, and not negative'
}

function wrongCap(
  state: State, job: number, pool: PoolLayout, capW: number): string | undefined {
  if (capW === PAUSED_W) {
    return isPausable(state, job) ? undefined : 'a job that is promised throughput is not paused'
  }
  const { deviceRatedW } = pool.system
  const leastW = leastCapW(state, job, pool)
  if (Number.isInteger(capW) && capW >= leastW && capW <= deviceRatedW) return undefined
  return `a cap of ${capW} W; its devices take whole watts from ${leastW} to ${deviceRatedW}`
}

/** How steps of a decision change by what draw swings. */
function swingsOf(state: State, steps: readonly Step[]): Swing[] {
  const { jobs } = state.tables
  return steps.flatMap((step): Swing[] => {
    if (step.type === 'job.started') {
      if (jobs.gpus[step.job] === 0) return []
      const pool = state.layout.pools[step.pool]!
      const sdW = sdOf(state, step.job, pool, step.capW ?? pool.system.deviceRatedW)
      return [{ placement: step, sdW, sign: 1 }]
    }
    if (step.type === 'job.preempted') {
      if (jobs.gpus[step.job] === 0) return []
      const placement = placementOf(state, step.job)
      return [{ placement, sdW: jobs.sdW[step.job]!, sign: -1 }]
    }
    if (step.type !== 'job.capped') return []
    const pool = state.layout.pools[jobs.pool[step.job]!]!
    const placement = placementOf(state, step.job)
    return [
      { placement, sdW: sdOf(state, step.job, pool, step.capW), sign: 1 },
      { placement, sdW: jobs.sdW[step.job]!, sign: -1 },
    ]
  })
}

/** What an earlier step of the decision does to a ledger. Lower caps free nothing yet. */
function addStep(state: State, draft: Draft, ledger: Ledger, step: Step): void {
  const { jobs } = state.tables
  if (step.type === 'job.started') {
    const need = powerNeed(state, step.job, step.pool, 0, step.capW)
    add(state, draft, step.job, step, need[ledger === 'grantW' ? 'chargeW' : ledger])
  } else if (step.type === 'job.preempted') {
    const perDeviceW = jobs[ledger === 'grantW' ? 'chargeW' : ledger][step.job]!
    add(state, draft, step.job, placementOf(state, step.job), -perDeviceW)
  } else if (step.type === 'job.capped' && ledger !== 'floorW') {
    const pool = state.layout.pools[jobs.pool[step.job]!]!
    const byW = ledger === 'grantW' ? chargeAt(pool, state, step.capW) - jobs.chargeW[step.job]!
      : drawOf(state, step.job, pool, step.capW) - jobs.drawW[step.job]!
    if (byW > 0) add(state, draft, step.job, placementOf(state, step.job), byW)
  }
}

/**
 * The first feeder that a draft takes above its limit; or one above a placement that would stay
 * above it: that of a start in the place of others, since who goes began before the limit was known
 * and who comes begins after; or that of a job that comes to swing more.
 */
function overloadIn(
  state: State, draft: Draft, ledger: Ledger, limitW: Float64Array, stays?: Placement,
): Overload | undefined {
  let feeder = draft.overloaded(state, limitW)
  if (feeder < 0 && stays !== undefined) {
    const wattsW = state.tables.feeders[ledger]
    feeder = feedersAbove(state, stays)
      .find((at) => wattsW[at]! + draft.at(at) > limitW[at]!) ?? NONE
  }
  if (feeder < 0) return undefined
  const { name } = state.layout.plant.feeders[feeder]!
  return { text: `${ledger === 'floorW' ? 'I4b' : 'I4a'} feeder ${name} would exceed its limit` }
}

type Overload = { readonly text: string }

function add(
  state: State, draft: Draft, job: number, placement: { pool: number, spans: readonly number[] },
  perDeviceW: number): void {
  if (state.tables.jobs.gpus[job] === 0) return
  forEachRack(state, placement, (rack, devices) => {
    draft.add(state, state.layout.feederOfRack[rack]!, devices * perDeviceW)
  })
}
