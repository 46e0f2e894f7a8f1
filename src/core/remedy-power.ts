import { LIMIT_KINDS, PHASE } from '../model/index.ts'
import type { Chain } from './blocker-chain.ts'
import { chargeAt, isPausable, leastCapW, PAUSED_W, speedOfJob } from './caps.ts'
import type { Cap, Change } from './remedy-change.ts'
import type { Trials } from './remedy-trials.ts'
import { plannedRunMs } from './demand.ts'
import type { State } from './state.ts'
import { wattsBelow } from './why-holders.ts'

/**
 * What lets a job start that lacks watts, besides a higher limit and the end of others: caps and
 * pauses of others, budgets that come later or not at all, the end of a limit.
 * `before` are changes that it needs as well. Each is tried; where none will do it is undefined.
 */
export function powerAlternatives(
  state: State, job: number, chain: Chain, before: readonly Change[], trials: Trials,
): readonly Change[] {
  const feeders = feedersOf(chain)
  const isEnough = (change: Change) => trials.starts(state, job, [...before, change])
  const found: (Change | undefined)[] = [
    delayOf(state, job, feeders, isEnough),
    dropOf(state, job, feeders, isEnough),
    waitOf(state, job, feeders, isEnough),
  ]
  if (state.totals.isPowered === 1) {
    found.push(
      capsOf(state, chain, isEnough),
      pausesOf(state, chain, isEnough),
    )
  }
  return found.filter((change) => change !== undefined)
}

type IsEnough = (change: Change) => boolean

/** Feeders of a chain that lack watts, the first of them first. */
function feedersOf({ links }: Chain): number[] {
  return links.flatMap(({ found }) => found?.missing === 'power' ? [found.feeder] : [])
}

/** A running job that could draw less, how much that frees, and what is lost of its work. */
type Giver = Cap & { readonly freesW: number, readonly loss: number }

function capsOf(state: State, chain: Chain, isEnough: IsEnough): Change | undefined {
  const { jobs } = state.tables
  const givers = giversOf(state, chain, (job) =>
    leastCapW(state, job, state.layout.pools[jobs.pool[job]!]!))
  // The costliest come first: they are let go first, and get the highest caps.
  return fewestOf(givers, lackOf(chain), (list) => ({
    type: 'cap', caps: list.map(({ job, capW, mostW }) => ({ job, capW, mostW })).reverse(),
  }), isEnough)
}

function pausesOf(state: State, chain: Chain, isEnough: IsEnough): Change | undefined {
  const { phase } = state.tables.jobs
  const givers = giversOf(state, chain, (job) =>
    isPausable(state, job) && phase[job] === PHASE.running ? PAUSED_W : undefined)
  return fewestOf(givers, lackOf(chain), (list) =>
    ({ type: 'pause', jobs: list.map(({ job }) => job).reverse() }), isEnough)
}

/** Watts that are missing at the first feeder that lacks some now. */
function lackOf(chain: Chain): number {
  const link = chain.links.find(({ found }) => found?.missing === 'power')
  return link === undefined ? 0 : link.blocker.need - link.blocker.have
}

/** Running jobs below that feeder that free watts there, cheapest first by value for a watt. */
function giversOf(
  state: State, chain: Chain, capOf: (job: number) => number | undefined): Giver[] {
  const [feeder] = feedersOf(chain)
  const { jobs } = state.tables
  const givers: Giver[] = []
  for (const [job, watts] of feeder === undefined ? [] : wattsBelow(state, feeder)) {
    const pool = state.layout.pools[jobs.pool[job]!]!
    const capW = capOf(job)
    const mostW = jobs.capW[job]!
    if (capW === undefined || capW >= mostW || watts === 0) continue
    const freesW = watts * (1 - chargeAt(pool, state, capW) / jobs.chargeW[job]!)
    const speed = speedOfJob(state, job, pool, mostW) - speedOfJob(state, job, pool, capW)
    const loss = jobs.worth[job]! * jobs.heldGpus[job]! * speed
    if (freesW > 0) givers.push({ job, capW, mostW, freesW, loss })
  }
  return givers.sort((a, b) => a.loss / a.freesW - b.loss / b.freesW || a.job - b.job)
}

/** Single jobs that are tried before it takes several. */
const SINGLES_MOST = 4

/** One of them where one is enough, else as many of the cheapest as it takes. */
function fewestOf(
  givers: readonly Giver[], lackW: number, changeOf: (list: readonly Giver[]) => Change,
  isEnough: IsEnough): Change | undefined {
  // What is lost of a job in proportion to what is needed of it.
  const alone = givers.filter(({ freesW }) => freesW >= lackW).slice(0, SINGLES_MOST)
  for (const giver of alone) if (isEnough(changeOf([giver]))) return changeOf([giver])
  for (let most = 2; givers.length > 0; most *= 2) {
    const change = changeOf(givers.slice(0, most))
    if (isEnough(change)) return change
    if (most >= givers.length) return undefined
  }
  return undefined
}

const BUDGET = LIMIT_KINDS.indexOf('budget')
const TARGET = LIMIT_KINDS.indexOf('target')

/** Rows of limits at those feeders that are not over and begin before a time. */
function rowsAt(
  state: State, feeders: readonly number[], untilMs: number, hasTargets = false): number[] {
  const { limits } = state.tables
  const rows: number[] = []
  for (let row = 0; row < state.totals.limitRows; row++) {
    const isLive = limits.endAtMs[row]! > state.totals.nowMs && limits.startAtMs[row]! <= untilMs
    if (!isLive || !feeders.includes(limits.feeder[row]!)) continue
    if (hasTargets || limits.kind[row] !== TARGET) rows.push(row)
  }
  return rows
}

function endOf(state: State, job: number): number {
  return state.totals.nowMs + plannedRunMs(state, job, state.tables.jobs.gpus[job]!)
}

/** One budget that begins while it would run begins when it has ended. */
function delayOf(
  state: State, job: number, feeders: readonly number[], isEnough: IsEnough,
): Change | undefined {
  const { kind, startAtMs } = state.tables.limits
  const endMs = endOf(state, job)
  const later = rowsAt(state, feeders, endMs).filter((row) =>
    kind[row] === BUDGET && startAtMs[row]! > state.totals.nowMs)
  for (const limit of later) {
    const change: Change = { type: 'delay', limit, byMs: endMs + 1 - startAtMs[limit]! }
    if (isEnough(change)) return change
  }
  return undefined
}

function dropOf(
  state: State, job: number, feeders: readonly number[], isEnough: IsEnough,
): Change | undefined {
  const limits = rowsAt(state, feeders, endOf(state, job))
    .filter((row) => state.tables.limits.kind[row] === BUDGET)
  const change: Change = { type: 'drop', limits }
  return limits.length > 0 && isEnough(change) ? change : undefined
}

/** Ends of limits that are tried. */
const ENDS_MOST = 8

function waitOf(
  state: State, job: number, feeders: readonly number[], isEnough: IsEnough,
): Change | undefined {
  const { endAtMs } = state.tables.limits
  const rows = rowsAt(state, feeders, endOf(state, job), true)
    .filter((row) => endAtMs[row]! < Number.MAX_SAFE_INTEGER)
    .sort((a, b) => endAtMs[a]! - endAtMs[b]! || a - b)
  for (const limit of rows.slice(0, ENDS_MOST)) {
    const change: Change = { type: 'wait', limit, untilMs: endAtMs[limit]! }
    if (isEnough(change)) return change
  }
  return undefined
}
