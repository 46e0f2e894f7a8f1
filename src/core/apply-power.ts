import type { JobCapped, JobMeasured, JobStarted, PowerPriced } from '../model/index.ts'
import { PHASE } from '../model/index.ts'
import { placementOf, recharge, setRising } from './allocation.ts'
import {
  addSeen, chargeAt, drawOf, floorOf, isAsItsClass, PAUSED_W, sdOf,
} from './caps.ts'
import { unsureOf } from './doubt.ts'
import { restartHistories } from './history.ts'
import { isSoldOver } from './ledger.ts'
import { relearn } from './meters.ts'
import { POWER, type State } from './state.ts'
import { areRisesBound, setSurge, surgeAfterW, surged } from './surge.ts'

/** What caps do to the state, and what jobs show under them. */

/** A new job has no cap and draws nothing. */
export function clearPower(state: State, job: number): void {
  const { jobs } = state.tables
  jobs.capAtMs[job] = 0
  jobs.capW[job] = 0
  jobs.orderedW[job] = 0
  jobs.safeW[job] = 0
  jobs.capOrders[job] = 0
  jobs.chargeW[job] = 0
  jobs.floorW[job] = 0
  jobs.drawW[job] = 0
  jobs.risingW[job] = 0
  jobs.sdW[job] = 0
  jobs.knownW[job] = 0
  jobs.unsureW[job] = 0
  jobs.surgeW[job] = 0
}

/** What each of its devices is charged from the start. */
export function setCharges(state: State, job: number, { pool: poolId, capW }: JobStarted): void {
  const { jobs } = state.tables
  const pool = state.layout.pools[poolId]!
  jobs.pool[job] = poolId
  const isGpu = jobs.gpus[job]! > 0
  const startW = isGpu ? capW ?? pool.system.deviceRatedW : 0
  jobs.capW[job] = startW
  jobs.orderedW[job] = startW
  jobs.safeW[job] = startW
  countCap(state, job, 1)
  jobs.capOrders[job] = jobs.capOrders[job]! + 1
  jobs.chargeW[job] = isGpu ? startW - pool.system.deviceIdleW : 0
  if (state.totals.isPowered === 0 || !isGpu) return
  jobs.floorW[job] = floorOf(state, job, pool)
  jobs.drawW[job] = drawOf(state, job, pool, startW)
  jobs.risingW[job] = Math.max(0, jobs.drawW[job]!)
  jobs.sdW[job] = sdOf(state, job, pool, startW)
  jobs.knownW[job] = 0
  jobs.unsureW[job] = unsureOf(jobs.drawW[job]!, 0)
  state.totals.powerNews |= POWER.changed
}

/** A cap is ordered: a higher one is charged at once, a lower one when it is in force. */
export function capped(state: State, { job, capW, safeW }: JobCapped): void {
  const { jobs } = state.tables
  const { totals } = state
  if (jobs.capAtMs[job] === 0) totals.openCaps++
  // An order of the first millisecond is open as well.
  jobs.capAtMs[job] = Math.max(1, totals.nowMs)
  countCap(state, job, -1)
  jobs.orderedW[job] = capW
  jobs.safeW[job] = safeW
  countCap(state, job, 1)
  jobs.capOrders[job] = jobs.capOrders[job]! + 1
  state.margins.ordered(job)
  const pool = state.layout.pools[jobs.pool[job]!]!
  if (chargeAt(pool, state, capW) <= jobs.chargeW[job]!) return
  const beforeW = jobs.drawW[job]!
  if (areRisesBound(state)) {
    setSurge(state, job, placementOf(state, job), surgeAfterW(state, job, pool, capW))
  }
  recharge(state, job, capW)
  setRising(state, job, jobs.risingW[job]! + Math.max(0, jobs.drawW[job]! - beforeW))
}

/** A cap is in force: that of the last order, or the safe one that the nodes set by themselves. */
export function confirmed(state: State, job: number, capW: number): void {
  const { jobs } = state.tables
  const { totals } = state
  const beforeW = jobs.chargeW[job]!
  const isOwn = jobs.orderedW[job] !== capW
  if (jobs.capAtMs[job] !== 0) totals.openCaps--
  jobs.capAtMs[job] = 0
  countCap(state, job, -1)
  jobs.orderedW[job] = capW
  state.margins.ordered(job)
  countCap(state, job, 1)
  recharge(state, job, capW)
  if (jobs.surgeW[job]! > 0) surged(state, job, placementOf(state, job))
  setRising(state, job, jobs.phase[job]! >= PHASE.running ? 0 : jobs.drawW[job]!)
  if (jobs.phase[job]! >= PHASE.running) {
    jobs.phase[job] = capW === PAUSED_W ? PHASE.suspended : PHASE.running
  }
  // Nodes set it by themselves, nobody knows when.
  if (isOwn) restartHistories(state)
  const isLower = jobs.chargeW[job]! < beforeW
  if (isLower) totals.isFreed = 1
  totals.powerNews |= isLower || isOwn ? POWER.changed | POWER.eased : POWER.changed
  // What went down makes room for what is to go up; what went up, or is only safe, makes none.
  if (totals.openCaps === 0 && (totals.powerNews & POWER.eased) !== 0) {
    totals.powerNews |= POWER.due
  }
}

/** What a job has shown is believed from now on. */
export function measured(state: State, { job, capW, speed, drawW }: JobMeasured): void {
  const { jobs } = state.tables
  const { totals } = state
  const wasPlain = isPlainJob(state, job)
  addSeen(state, job, capW, speed, drawW)
  // What its class does was known of it.
  if (!wasPlain || !isPlainJob(state, job)) state.margins.changed(job)
  const beforeW = jobs.floorW[job]!
  if (jobs.phase[job]! >= PHASE.starting) relearn(state, job)
  // Less is drawn than was thought, or can be held to: what waits may have room.
  const isDrawCounted = totals.targets > 0 || isSoldOver(state)
  if (totals.pending > 0 && (isDrawCounted || jobs.floorW[job]! < beforeW)) totals.isFreed = 1
  // Less keeps what it is promised, or more: what a limit asks of it may be another cap now.
  totals.powerNews |= jobs.floorW[job] === beforeW ? POWER.changed
    : POWER.changed | POWER.due
}

/** Whether what a placed job can be given is what its class can be given. O(seen). */
function isPlainJob(state: State, job: number): boolean {
  const { jobs } = state.tables
  if (jobs.phase[job]! < PHASE.starting || jobs.leastSpeed[job] !== 0) return false
  return isAsItsClass(state, job, state.layout.pools[jobs.pool[job]!]!)
}

/** A job came up: it draws what it does, but for a cap that is on its way up. */
export function risen(state: State, job: number): void {
  const { capAtMs, gpus } = state.tables.jobs
  if (state.totals.isPowered === 1 && gpus[job]! > 0 && capAtMs[job] === 0) setRising(state, job, 0)
}

/** Counts a placed job where it is ordered to less than its rating. */
export function countCap(state: State, job: number, by: number): void {
  const { jobs } = state.tables
  if (jobs.gpus[job] === 0) return
  const { deviceRatedW } = state.layout.pools[jobs.pool[job]!]!.system
  if (jobs.orderedW[job]! < deviceRatedW) state.totals.capped += by
}

/** What a watt is worth at the feeders that bind; 0 at all others. */
export function priced(state: State, { feeders, prices, drawPrices }: PowerPriced): void {
  const { price, drawPrice } = state.tables.feeders
  price.fill(0)
  drawPrice.fill(0)
  state.margins.repriced()
  feeders.forEach((feeder, at) => {
    price[feeder] = prices[at]!
    drawPrice[feeder] = drawPrices[at]!
  })
}
