import { PHASE } from '../model/index.ts'
import { requestOfJob } from './demand.ts'
import { changesOf, jobsBefore, usablePoolsOf, type Chain } from './blocker-chain.ts'
import { usablePools } from './layout.ts'
import { WIDEST, type Change } from './remedy-change.ts'
import { leastOf } from './remedy-least.ts'
import { powerAlternatives } from './remedy-power.ts'
import { idleRanges } from './remedy-removal.ts'
import { jobsBelow } from './why-holders.ts'
import { jobsInTheWay, lostWork } from './remedy-room.ts'
import type { Trials } from './remedy-trials.ts'
import type { State } from './state.ts'

/** Ways to let a job start that are told: more would be a list to study. */
const REMEDIES_MOST = 3

/** Where watts change with time there are more of them, and people choose by what they cost. */
const POWER_REMEDIES_MOST = 5

/** Queues and device types that are tried in place of its own. */
const OTHERS_MOST = 6

/**
 * Changes that let a pending job start now, the smallest first: fewest changes, then by kind in
 * the order of KINDS. Each was made in a fork, where the policies then started the job in one
 * round. Costs at most the trials that are left.
 */
export function remediesOf(
  state: State, job: number, chains: readonly Chain[], trials: Trials,
): readonly (readonly Change[])[] {
  const open = chains.filter((chain) => chain.isOpen).map(changesOf)
  const candidates = [...open, ...alternatives(state, job, chains, trials)]
  candidates.sort(bySize)
  const working = candidates.filter((changes) =>
    changes.length > 0 && trials.starts(state, job, changes)).slice(0, workingMost(state))
  const least = working.map((changes) => leastOf(state, job, changes, trials)).sort(bySize)
  const kinds = new Set<string>()
  const isNew = (changes: readonly Change[]) => {
    // Whoever gets a higher priority is not told to go first as well.
    const kind = changes.map(({ type }) => type === 'first' ? 'priority' : type).join()
    return !kinds.has(kind) && kinds.add(kind) !== undefined
  }
  const told = least.filter(isNew)
  const most = isOverTime(state) ? POWER_REMEDIES_MOST : REMEDIES_MOST
  // What comes by itself is always told.
  const wait = told.slice(most).filter((changes) => changes.some(({ type }) => type === 'wait'))
  return [...told.slice(0, most), ...wait.slice(0, 1)]
}

/** Candidates that are made as small as will do; the others would rarely be told. */
const WORKING_MOST = 5
const POWER_WORKING_MOST = 10

function workingMost(state: State): number {
  return isOverTime(state) ? POWER_WORKING_MOST : WORKING_MOST
}

/** Whether caps or limits over time are a part of what keeps jobs. */
function isOverTime({ totals }: State): boolean {
  return totals.isPowered === 1 || totals.limits > 0
}

function bySize(a: readonly Change[], b: readonly Change[]): number {
  return a.length - b.length || weightOf(a) - weightOf(b)
}

/** Smaller changes come first: about the job itself as it is, then shares of others, then more. */
const KINDS = ['release', 'detach', 'quota', 'cap', 'pause', 'end', 'delay', 'drop',
  'limit', 'wait', 'level', 'device', 'queue', 'size', 'serve',
  'duration', 'priority', 'hold', 'clear', 'first'] as const satisfies Change['type'][]

function weightOf(changes: readonly Change[]): number {
  return changes.reduce((most, { type }) => Math.max(most, KINDS.indexOf(type)), 0)
}

/** Other ways around the first chain: what people do instead of removing each cause. */
function alternatives(
  state: State, job: number, chains: readonly Chain[], trials: Trials): Change[][] {
  const chain = chains[0]
  if (chain === undefined) return []
  const all = changesOf(chain)
  // A job that is held, or waits for others, has to be let go whatever else is done.
  const start = all.filter(({ type }) => type === 'release' || type === 'detach')
  const rest = all.slice(start.length)
  const quota = rest.filter(({ type }) => type === 'quota')
  const list: Change[][] = []
  const add = (changes: readonly (Change | undefined)[]) => {
    if (!changes.includes(undefined)) list.push(changes as Change[])
  }
  const reasons = new Set(chain.links.map(({ blocker }) => blocker.reason))
  const isTurn = reasons.has('order') || reasons.has('reservation')
  if (isTurn) {
    const before = all.filter(({ type }) => type !== 'first')
    add([...before, leastPriority(state, job, before, trials)])
    add([...before, holdOfOne(state, job, trials)])
  }
  if (reasons.has('power')) {
    const turn = all.filter(({ type }) => type === 'first')
    const before = all.filter(({ type }) => type !== 'limit' && type !== 'end' && type !== 'first')
    for (const change of powerAlternatives(state, job, chain, [...before, ...turn], trials)) {
      add([...before, change, ...turn])
    }
    const ends = endsBelow(state, job, chain, [...before, ...turn], trials)
    add([...before, ends, ...turn])
    if (ends !== undefined && turn.length > 0) {
      add([...before, ends, leastPriority(state, job, [...before, ends], trials)])
    }
  }
  if (reasons.has('topology')) {
    const link = chain.links.find(({ blocker }) => blocker.reason === 'topology')!
    const jobs = jobsInTheWay(link.state, { ...link.search!, closed: [] })
    add(rest.length === 0 || jobs.length === 0 ? [undefined]
      : all.map((change) => change.type === 'level' ? { type: 'end', jobs } as const : change))
  }
  if (rest.some(({ type }) => type === 'end')) {
    const pool = chain.pool
    const ranges = idleRanges(state, pool)
    add(ranges.length === 0 ? [undefined]
      : all.map((change) => change.type === 'end' ? { type: 'serve', ranges } as const : change))
  }
  if (isTurn || reasons.has('window')) add([...start, ...quota, longestRun(state, job,
    [...start, ...quota], trials)])
  if (rest.length > 0) {
    for (const change of others(state, job)) add([...start, ...quota, change])
    add([...start, largestSize(state, job, start, trials)])
    if (state.tables.jobs.level[job]! < WIDEST) {
      add([...start, ...quota, { type: 'level', level: WIDEST }])
    }
  }
  return list
}

/** Jobs below the feeders that lack watts which give back enough when they end. */
function endsBelow(
  state: State, job: number, chain: Chain, before: readonly Change[], trials: Trials,
): Change | undefined {
  const feeder = chain.links.flatMap(({ found }) =>
    found?.missing === 'power' ? [found.feeder] : [])[0]
  if (feeder === undefined) return undefined
  const jobs = jobsBelow(state, feeder)
    .sort((a, b) => lostWork(state, a) - lostWork(state, b) || a - b)
  for (let most = 1; ; most *= 2) {
    const change: Change = { type: 'end', jobs: jobs.slice(0, most) }
    if (change.jobs.length > 0 && trials.starts(state, job, [...before, change])) return change
    if (most >= jobs.length) return undefined
  }
}

/** Its place in another queue, or on another device type. */
function others(state: State, job: number): Change[] {
  const { jobs } = state.tables
  const { plant } = state.layout
  const queue = jobs.queue[job]!
  const device = jobs.device[job]!
  const devices = device < 0 ? [] : [-1, ...plant.devices.keys()]
    .filter((each) => each !== device && usablePools(state.layout, queue, each).length > 0)
  const queues = [...plant.queues.keys()]
    .filter((each) => each !== queue && usablePools(state.layout, each, device).length > 0)
  return [
    ...devices.slice(0, OTHERS_MOST).map((each) => ({ type: 'device', device: each }) as const),
    ...queues.slice(0, OTHERS_MOST).map((each) => ({ type: 'queue', queue: each }) as const),
  ]
}

/** The largest size below its own that starts now, in whole nodes where it has several. */
function largestSize(
  state: State, job: number, start: readonly Change[], trials: Trials): Change | undefined {
  const { jobs } = state.tables
  const pool = usablePoolsOf(state, job)[0]
  if (pool === undefined) return undefined
  const gpus = jobs.gpus[job]!
  const nodes = jobs.nodes[job]!
  const perNode = nodes > 0 ? gpus / nodes : state.layout.pools[pool]!.system.gpus
  const isByNode = nodes > 1 || (nodes === 0 && gpus > perNode)
  if (!isByNode && nodes > 0) return undefined
  const sizeOf = (size: number): Change => !isByNode ? { type: 'size', gpus: size, nodes: 0 }
    : { type: 'size', gpus: size * perNode, nodes: nodes > 0 ? size : 0 }
  const full = isByNode ? nodes || Math.ceil(gpus / perNode) : gpus
  const size = largest(1, full - 1, (each) => trials.starts(state, job, [...start, sizeOf(each)]))
  return size === undefined ? undefined : sizeOf(size)
}

/**
 * The longest limit below its own with which it starts: up to a reservation or a window as they
 * are, else by halving.
 */
function longestRun(
  state: State, job: number, before: readonly Change[], trials: Trials): Change | undefined {
  const { jobs, pools, windows } = state.tables
  const { nowMs } = state.totals
  const own = jobs.limitMs[job]! || state.layout.plant.queues[jobs.queue[job]!]!.defaultLimitMs
  const isEnough = (limitMs: number) =>
    trials.starts(state, job, [...before, { type: 'duration', limitMs }])
  if (own <= 1 || !isEnough(1)) return undefined
  const moments = [
    ...usablePoolsOf(state, job).map((pool) => pools.reservedAtMs[pool]!),
    ...windows.startAtMs.subarray(0, state.totals.windows),
  ]
  const limits = moments.map((atMs) => atMs - nowMs + jobs.keptMs[job]!)
    .filter((limitMs) => limitMs >= 1 && limitMs < own).sort((a, b) => b - a)
  const known = limits.find((limitMs) => isEnough(limitMs))
  if (known !== undefined && !isEnough(known + 1)) return { type: 'duration', limitMs: known }
  const limitMs = largest(1, own - 1, isEnough)
  return limitMs === undefined ? undefined : { type: 'duration', limitMs }
}

/** Least priority above its own with which it starts; undefined where the order ignores it. */
function leastPriority(
  state: State, job: number, before: readonly Change[], trials: Trials): Change | undefined {
  const { rankOf } = trials.deciders
  const request = requestOfJob(state, job)
  const changeTo = (priority: number): Change =>
    ({ type: 'priority', priority, rank: rankOf(state, { ...request, priority }) })
  const at = (by: number) => changeTo(request.priority + by)
  const starts = (by: number) => trials.starts(state, job, [...before, at(by)])
  if (rankOf(state, { ...request, priority: request.priority + 1 }) === rankOf(state, request)) {
    return undefined
  }
  if (!starts(PRIORITY_MOST)) return undefined
  const below = largest(1, PRIORITY_MOST - 1, (by) => !starts(by)) ?? 0
  return at(below + 1)
}

/** As far above its own as priorities are tried: more than people give. */
const PRIORITY_MOST = 1_048_576

/** The first job that goes before it, or that holds a reservation, steps back. */
function holdOfOne(state: State, job: number, trials: Trials): Change | undefined {
  const { reservedJob } = state.tables.pools
  const before = jobsBefore(state, job, trials.deciders)
  const holders = usablePoolsOf(state, job).map((pool) => reservedJob[pool]!)
  const other = [...holders, ...before].find((each) => each >= 0 && each !== job
    && state.tables.jobs.phase[each] === PHASE.pending)
  return other === undefined ? undefined : { type: 'hold', jobs: [other] }
}

/** The largest whole number of a range for which an answer is yes, if it is so up to there. */
function largest(
  least: number, most: number, isSo: (value: number) => boolean): number | undefined {
  if (most < least || !isSo(least)) return undefined
  let low = least
  let high = most + 1
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (isSo(middle)) low = middle
    else high = middle
  }
  return low
}
