import { jobsInTheWay } from './remedy-room.ts'
import { quotaShort, searchAtLeast, type Missing, type Place } from './blocker.ts'
import type { Cause } from './blocker-chain.ts'
import type { Found, Wanted } from './fit.ts'
import { changed, WIDEST, type Change } from './remedy-change.ts'
import { PHASE, type Reason } from '../model/index.ts'
import { isBelow } from './quota.ts'
import { raiseLimits } from './limits.ts'
import type { State } from './state.ts'
import { isShort, powerSteps } from './why-power.ts'

/**
 * The smallest change that takes one cause away, and nothing else: after it the search meets the
 * next cause, or finds a place. Undefined where there is none. Costs a few searches, and a fork
 * for each choice of jobs.
 */
export function removalOf(
  state: State, job: number, cause: Cause, place: Place): readonly Change[] | undefined {
  switch (cause.blocker.reason) {
    case 'held': return [{ type: 'release' }]
    // Releasing is what a person does to a job whose dependency never comes true.
    case 'dependency': return state.tables.jobs.doomed[job] === 1 ? [{ type: 'release' }]
      : [{ type: 'detach' }]
    case 'quota': return quotaRemoval(state, job)
    case 'order':
    case 'reservation': return [{ type: 'first' }]
    default: return cause.search === undefined || cause.found === undefined ? undefined
      : placeRemoval(state, job, cause.search, cause.found, cause.blocker.reason, place)
  }
}

function placeRemoval(
  state: State, job: number, search: Wanted, found: Missing, reason: Reason, place: Place,
): readonly Change[] | undefined {
  if (found.missing === 'power') {
    const byW = leastRaiseW(state, search, found, place)
    if (byW === undefined) return undefined
    return [{ type: 'limit', feeder: found.feeder, byW, ...shortTime(state, search, found) }]
  }
  if (reason === 'window') return windowRemoval(state, job, search, place)
  if (reason === 'topology') {
    const level = widerLevel(state, search, place)
    if (level !== undefined) return [{ type: 'level', level }]
  }
  return roomRemoval(state, job, search, place)
}

/** What is short of quota, exactly; a unit of quota is a unit of room at most. */
function quotaRemoval(state: State, job: number): readonly Change[] | undefined {
  const short = quotaShort(state, job)
  if (short === undefined) return undefined
  const { queue, resource } = short
  let by = short.need - short.have
  for (let tries = 0; tries < QUOTA_TRIES; tries++) {
    const change: Change = { type: 'quota', queue, resource, by }
    const rest = quotaShort(changed(state, job, [change]), job)
    if (rest === undefined || rest.queue !== queue || rest.resource !== resource) return [change]
    by += rest.need - rest.have
  }
  return undefined
}

/** How far a queue lends bends what it has by its quota; a second step is the most it takes. */
const QUOTA_TRIES = 4

/** A view of the state in which a feeder may grant more, now and whenever. O(feeders + limits). */
function withMoreAt(state: State, feeder: number, byW: number): State {
  const { layout, tables } = state
  const feederLimitW = layout.feederLimitW.slice()
  const limitW = tables.feeders.limitW.slice()
  const watts = tables.limits.watts.slice()
  raiseLimits({ feederLimitW, limitW, watts, feeder: tables.limits.feeder }, feeder, byW)
  return {
    ...state,
    layout: { ...layout, feederLimitW },
    tables: {
      ...tables,
      feeders: { ...tables.feeders, limitW },
      limits: { ...tables.limits, watts },
    },
  }
}

/** Least watts by which the limit of a feeder must grow until something else is missing. */
function leastRaiseW(
  state: State, search: Wanted, found: Extract<Missing, { missing: 'power' }>, place: Place,
): number | undefined {
  const { feeder, needW } = found
  const isEnough = (byW: number) =>
    !isShortAt(place(withMoreAt(state, feeder, byW), search), feeder)
  const lackW = Math.max(1, needW - found.haveW)
  // More than its rating and what is asked for besides no feeder can lack, whatever runs and
  // however low it is limited for a time.
  const most = state.layout.nameplateW[feeder]! + lackW + 2 * needW
  let high = lackW
  while (!isEnough(high)) {
    if (high >= most) return undefined
    high = Math.min(most, high * 2)
  }
  let low = 0
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (isEnough(middle)) high = middle
    else low = middle
  }
  return high
}

/** When a feeder lacks watts in the time of a run; 0 stands for its end. */
function shortTime(
  state: State, { power }: Wanted, found: Extract<Missing, { missing: 'power' }>,
): { fromMs: number, untilMs: number } {
  if (power === undefined) return { fromMs: 0, untilMs: 0 }
  const steps = powerSteps(state, power, found)
  const short = steps.filter(isShort)
  const untilMs = short.at(-1)?.untilMs ?? 0
  return {
    fromMs: short[0]?.fromMs ?? 0,
    untilMs: untilMs < (steps.at(-1)?.untilMs ?? 0) ? untilMs : 0,
  }
}

function isShortAt(found: Found, feeder: number): boolean {
  return 'missing' in found && found.missing === 'power' && found.feeder === feeder
}

/** The smallest level above the required one at which topology is not what is missing. */
function widerLevel(state: State, search: Wanted, place: Place): number | undefined {
  for (let level = Math.max(1, search.level) + 1; level <= WIDEST; level++) {
    if (!isRoomless(place(state, { ...search, level }))) return level
  }
  return undefined
}

/** One window where that is enough, else all that the job would run into. */
function windowRemoval(
  state: State, job: number, search: Wanted, place: Place): readonly Change[] | undefined {
  const windows = windowsOf(state, job, search)
  const { first, end } = state.tables.windows
  for (const window of windows) {
    const closed = windows.filter((other) => other !== window)
      .flatMap((other) => [first[other]!, end[other]!])
    const found = place(state, { ...search, closed })
    if (!('missing' in found && found.missing === 'window')) {
      return [{ type: 'clear', windows: [window] }]
    }
  }
  return [{ type: 'clear', windows }]
}

/** Windows that close nodes to a search. */
export function windowsOf(state: State, job: number, { closed }: Wanted): readonly number[] {
  const { windows, jobs } = state.tables
  const found: number[] = []
  for (let window = 0; window < state.totals.windows; window++) {
    if (windows.endAtMs[window]! <= state.totals.nowMs) continue
    const owner = windows.queue[window]!
    if (owner >= 0 && isBelow(state.layout.quotas, jobs.queue[job]!, owner)) continue
    const isClosing = closed.some((first, at) => at % 2 === 0
      && first === windows.first[window] && closed[at + 1] === windows.end[window])
    if (isClosing) found.push(window)
  }
  return found
}

/** Other jobs that end; where that is not enough, nodes that serve again. */
function roomRemoval(
  state: State, job: number, search: Wanted, place: Place): readonly Change[] | undefined {
  // A job that ends frees open nodes only; windows come up when the rest is there.
  const anywhen = { ...search, closed: [] }
  const few = jobsInTheWay(state, anywhen)
  if (few.length > 0) {
    const jobs = withoutSpares(state, job, search.pool, few, place)
    if (jobs !== undefined) return [{ type: 'end', jobs }]
  }
  const serve: Change = { type: 'serve', ranges: idleRanges(state, search.pool) }
  const end: Change = { type: 'end', jobs: jobsIn(state, search.pool) }
  const choices: readonly (readonly Change[])[] = [[serve], [end], [serve, end]]
  return choices.find((choice) => hasRoomAfter(state, job, search.pool, choice, place))
}

/** Most jobs for which it is tried whether the others would do: each costs a fork. */
const SPARES_MOST = 8

function withoutSpares(
  state: State, job: number, pool: number, jobs: readonly number[], place: Place,
): readonly number[] | undefined {
  const isEnough = (rest: readonly number[]) =>
    hasRoomAfter(state, job, pool, [{ type: 'end', jobs: rest }], place)
  if (!isEnough(jobs)) return undefined
  let rest = jobs
  for (const other of jobs.slice(0, SPARES_MOST)) {
    const fewer = rest.filter((each) => each !== other)
    if (fewer.length > 0 && isEnough(fewer)) rest = fewer
  }
  return rest
}

function hasRoomAfter(
  state: State, job: number, pool: number, changes: readonly Change[], place: Place): boolean {
  const fork = changed(state, job, changes)
  const search = searchAtLeast(fork, job, pool)
  return search !== undefined && !isRoomless(place(fork, search))
}

/** Whether nodes, or what is on them, are missing: neither watts nor time. */
function isRoomless(found: Found): boolean {
  return 'missing' in found && found.missing !== 'power' && found.missing !== 'window'
}

function jobsIn(state: State, pool: number): number[] {
  const { phase, pool: pools } = state.tables.jobs
  const list: number[] = []
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (phase[job]! >= PHASE.starting && pools[job] === pool) list.push(job)
  }
  return list
}

/** Nodes of a pool that are down or drained, as ranges. */
export function idleRanges(state: State, pool: number): number[] {
  const { plant } = state.layout
  const { flags } = state.tables.nodes
  const ranges: number[] = []
  for (const rack of plant.racks) {
    if (rack.pool !== pool) continue
    for (let node = rack.firstNode; node < rack.endNode; node++) {
      if (flags[node] === 0) continue
      if (ranges.length > 0 && ranges.at(-1) === node) ranges[ranges.length - 1] = node + 1
      else ranges.push(node, node + 1)
    }
  }
  return ranges
}
