import { Arena } from '../base/table.ts'
import { Fingerprint } from '../base/hash.ts'
import { NONE } from '../base/id.ts'
import type { Plant } from '../model/site.ts'
import { runRows } from './belief.ts'
import { indexFreeNodes } from './free.ts'
import { keepHistory, PAST_MOST } from './history.ts'
import { layoutOf, type Layout } from './layout.ts'
import { resetLedger } from './ledger.ts'
import { Margins } from './margins.ts'
import { Releases } from './releases.ts'
import { areSuppliesKnown } from './supply-cells.ts'
import { NEVER_MS } from './windows.ts'

/** Columns of everything there is many of. The names say the units; ids index other tables. */
export const SPECS = {
  nodes: {
    /** The job that has the whole node, SHARED where jobs have parts of it, else NONE. */
    holder: 'i32',
    /**
     * What jobs that have parts of the node left free, and how many they are. A job that has it
     * whole is written to `holder` alone, so read these by way of `core/holder.ts`.
     */
    freeDevices: 'i32',
    freeCpus: 'i32',
    freeMemoryGiB: 'i32',
    /** When the last of them is expected to leave it; 0 when there is none. */
    busyUntilMs: 'f64',
    jobs: 'u16',
    cpuJobs: 'u16',
    /** DOWN and DRAINED bits. */
    flags: 'u8',
  },
  /** The job that has a device of a shared node, else NONE. */
  devices: { job: 'i32' },
  domains: { freeNodes: 'i32' },
  index: { bits: 'i32' },
  tallies: { domains: 'i32' },
  feeders: {
    /** What may be granted now: the plant's limit, or less by a row of `limits`. */
    limitW: 'f64',
    grantW: 'f64',
    /**
     * Where a power policy acts: grants with each job at the least it can be held to, and what all
     * of it is expected to draw. Like grants they are base loads plus the children's, converted.
     */
    floorW: 'f64',
    drawW: 'f64',
    ratioPer10k: 'i32',
    /** Last reading of its meter and when that was so: see meters.ts. -1: it was never read. */
    meterW: 'f64',
    meteredAtMs: 'f64',
    /** Readings of late; what they were more than was expected, and the variance of that mean. */
    meanW: 'f64',
    offW: 'f64',
    offVariance: 'f64',
    /** Variance of what is expected, before any reading: what jobs may be off their curves. */
    unknown: 'f64',
    /** Part of `drawW` that may not be there yet: jobs that start, caps that go up. */
    risingW: 'f64',
    /** Square watts by which draw swings: see spread.ts. */
    variance: 'f64',
    /** What raises of caps may bring beyond `drawW`: those on their way; all others, ever. */
    surge: 'f64',
    surged: 'f64',
    /** Idle draw of nodes that are down: see down.ts. */
    downW: 'f64',
    /** Row of `histories`, or NONE. */
    history: 'i32',
    /** What one more watt is worth here, of grants and of draw: value lost per watt. */
    price: 'f64',
    drawPrice: 'f64',
  },
  /** Limits, budgets and targets over time: see limits.ts. A row whose end is over is free. */
  limits: {
    watts: 'f64', fromW: 'f64', startAtMs: 'f64', holdAtMs: 'f64', holdEndAtMs: 'f64',
    endAtMs: 'f64', setAtMs: 'f64', feeder: 'i32', kind: 'u8',
  },
  /** What was expected at feeders of late, a ring of entries in `past` for each: see history.ts. */
  /** Readings of a time before `fromMs` say nothing; `learntAtMs` is the last that did, or NONE. */
  histories: { feeder: 'i32', count: 'i32', fromMs: 'f64', learntAtMs: 'f64' },
  past: { atMs: 'f64', drawW: 'f64', risingW: 'f64', leastW: 'f64', surged: 'f64' },
  /** What jobs have shown under caps: lists that begin at `firstSeen`: see caps.ts. */
  seen: { speed: 'f64', capW: 'i32', drawW: 'i32', next: 'i32' },
  queues: {
    /** What its jobs and those below it hold, as far as it is charged here: see quota.ts. */
    usedGpus: 'i32',
    usedCores: 'i32',
    /** Fair share: rate of use now, and use so far, decayed to `useAtMs`: see share.ts. */
    use: 'f64',
    pastUse: 'f64',
    /** Rate times expected end, summed over running jobs. */
    useEnds: 'f64',
    useAtMs: 'f64',
  },
  /** Reservations and maintenance windows: see windows.ts. A row whose end is 0 is free. */
  windows: {
    startAtMs: 'f64', endAtMs: 'f64', setAtMs: 'f64', first: 'i32', end: 'i32', queue: 'i32',
  },
  /** Who waits for whom: rows of the list that begins at a job's `firstWaiter`. */
  waiters: { number: 'f64', job: 'i32', next: 'i32', onEnd: 'u8' },
  /** How long jobs ran, as a share of their limit: histograms of belief.ts. */
  runs: { count: 'u32' },
  /** Throughput that jobs declare by device type: lists that begin at `firstSpeed`. */
  speeds: { speed: 'f64', device: 'i32', next: 'i32' },
  /** The reservation that a blocked job holds on each pool: -1 where there is none. */
  pools: { reservedJob: 'i32', reservedDomain: 'i32', reservedAtMs: 'f64' },
  lanes: { root: 'i32', queue: 'i32', device: 'i32' },
  jobs: {
    number: 'f64',
    submitAtMs: 'f64',
    startAtMs: 'f64',
    expectedEndAtMs: 'f64',
    limitMs: 'f64',
    keptMs: 'f64',
    /** When the order to start was given and not yet answered; 0 otherwise. */
    orderedAtMs: 'f64',
    rank: 'f64',
    leastRunMs: 'f64',
    deadlineAtMs: 'f64',
    array: 'f64',
    leastSpeed: 'f64',
    worth: 'f64',
    /** When a cap was last ordered and not yet confirmed; 0 otherwise. */
    capAtMs: 'f64',
    /** Cap of each device that is charged, and that was ordered last; 0: paused. */
    capW: 'i32',
    orderedW: 'i32',
    /** What its nodes set by themselves when they hear no more from us. */
    safeW: 'i32',
    /** Orders of caps so far: an answer to an older one says nothing. */
    capOrders: 'i32',
    /** Watts above idle of one device: charged, at its least, and expected to be drawn. */
    chargeW: 'i32',
    floorW: 'i32',
    drawW: 'i32',
    /** Part of the last that may not be there yet; and the standard deviation of its draw. */
    risingW: 'i32',
    sdW: 'i32',
    /** Draw of a device at which it was measured last, 0 if never; how far off it may be now. */
    knownW: 'i32',
    unsureW: 'f64',
    /** What orders on their way may bring beyond what is booked: see surge.ts. */
    surgeW: 'f64',
    firstSeen: 'i32',
    gpus: 'i32',
    /** What it holds while it is placed: fewer than it asks for when it runs on fewer nodes. */
    heldGpus: 'i32',
    heldCores: 'i32',
    leastNodes: 'i32',
    /** Jobs that must end before it may start, and the list of those that wait for it. */
    waitsFor: 'i32',
    firstWaiter: 'i32',
    firstSpeed: 'i32',
    preempted: 'i32',
    nodes: 'i32',
    cpusPerNode: 'i32',
    memoryPerNodeGiB: 'i32',
    priority: 'i32',
    device: 'i32',
    pool: 'i32',
    firstSpan: 'i32',
    starts: 'i32',
    lane: 'i32',
    /** Next free row, for a row without a job. */
    next: 'i32',
    queue: 'u16',
    level: 'u8',
    curve: 'u8',
    phase: 'u8',
    held: 'u8',
    hero: 'u8',
    /** It waits for a success that did not come. */
    doomed: 'u8',
  },
  spans: { first: 'i32', end: 'i32', mask: 'i32', next: 'i32' },
  /** Nodes of search trees: one for each node of the plant, then one for each job. */
  items: { key: 'f64', tie: 'f64', left: 'i32', right: 'i32', weight: 'i32', sum: 'i32' },
  /** What was last told of the supplies of the sites: see supply-cells.ts. */
  supplies: { value: 'f64' },
} as const

/** Something changed that caps depend on; it is time to look; and a cap came down since then. */
export const POWER = { changed: 1, due: 2, eased: 4 } as const

export const DOWN = 1
export const DRAINED = 2

/** Most distinct pairs of queue and device type: one lane of pending jobs each. */
const LANES_MOST = 4096
/** A table that grows moves them all, so there is room at first for a gang on every fourth node. */
const JOBS_AT_FIRST = 1024
const NODES_PER_JOB = 4
/** Most reservations and maintenance windows at a time: each start looks at all of them. */
export const WINDOWS_MOST = 256
/** Most limits over time that are known at once: each change of one looks at all of them. */
export const LIMITS_MOST = 1024
const HISTORIES_AT_FIRST = 1
const SEEN_AT_FIRST = 64
const WAITERS_AT_FIRST = 64
const SPEEDS_AT_FIRST = 64

/** Few of a thing: numbers that events change, copied with a fork. */
export type Totals = {
  nowMs: number
  /** The wall clock's milliseconds since 1970 at moment 0; 0 where the clock is virtual. */
  epochMs: number
  /** Numbers given to jobs so far; the next job gets the next one. */
  jobsSeen: number
  jobRows: number
  freeJobRow: number
  spanRows: number
  freeSpanRow: number
  waiterRows: number
  freeWaiterRow: number
  speedRows: number
  freeSpeedRow: number
  windows: number
  /** When the next window begins or ends, and when the policies want to look again. */
  nextWindowAtMs: number
  wakeAtMs: number
  /** Rows of limits in use, those that are not over, and when one of them changes. */
  limitRows: number
  limits: number
  /** Those of them that are targets. */
  targets: number
  nextLimitAtMs: number
  /** 1 where a power policy acts: caps may be set, so floors and draw are kept as well. */
  isPowered: number
  /** Until when the return from a target is watched. */
  returnUntilMs: number
  /** Feeders of which it is kept what was expected. */
  histories: number
  /** What the power policy has to look at: bits of POWER. When it wants to look again. */
  powerNews: number
  powerAtMs: number
  /** Placed jobs that are ordered to less than their rating. */
  capped: number
  /** Orders of caps that are open. */
  openCaps: number
  /** Feeders whose ratio is not that of the plant. */
  shiftedRatios: number
  /** When the last of them changed; NONE where none ever did. */
  ratioMovedAtMs: number
  seenRows: number
  freeSeenRow: number
  lanes: number
  pending: number
  /** Placed jobs that can run on fewer nodes, and those of them that do. */
  elastic: number
  shrunk: number
  running: number
  busyGpus: number
  waitingGpus: number
  unanswered: number
  /** 1 when capacity was freed, or who goes before whom changed, since the last round. */
  isFreed: number
  /** Jobs up to this number were looked at in the last round of decisions. */
  decidedNumber: number
  /** Row of the newest job. */
  newestJob: number
  events: number
}

export type State = {
  readonly layout: Layout
  readonly arena: Arena<typeof SPECS>
  readonly tables: Arena<typeof SPECS>['tables']
  readonly totals: Totals
  /** Names of jobs by row, where they have one. */
  readonly names: string[]
  readonly releases: Releases
  readonly margins: Margins
}

/** An empty factory, where a power policy acts or not: all nodes free and up. O(nodes). */
export function createState(plant: Plant, isPowered = false): State {
  const layout = layoutOf(plant)
  const jobs = Math.max(JOBS_AT_FIRST, Math.floor(plant.nodes / NODES_PER_JOB))
  const arena = new Arena(SPECS, {
    nodes: plant.nodes,
    devices: layout.devices,
    domains: layout.domains,
    index: layout.indexWords,
    tallies: layout.tallies,
    feeders: plant.feeders.length,
    queues: plant.queues.length,
    windows: WINDOWS_MOST,
    limits: LIMITS_MOST,
    histories: HISTORIES_AT_FIRST,
    past: HISTORIES_AT_FIRST * PAST_MOST,
    seen: isPowered ? jobs : SEEN_AT_FIRST,
    waiters: WAITERS_AT_FIRST,
    runs: runRows(plant.queues.length),
    speeds: SPEEDS_AT_FIRST,
    pools: plant.pools.length,
    lanes: Math.min(LANES_MOST, plant.queues.length * (plant.devices.length + 1)),
    jobs,
    spans: jobs,
    items: plant.nodes + jobs,
    supplies: layout.supplyCells.total,
  })
  const { tables } = arena
  tables.nodes.holder.fill(NONE)
  tables.devices.job.fill(NONE)
  tables.lanes.root.fill(NONE)
  tables.pools.reservedJob.fill(NONE)
  tables.pools.reservedDomain.fill(NONE)
  const state: State = { layout, arena, tables, totals: emptyTotals(), names: [],
    releases: new Releases(), margins: new Margins() }
  for (let rack = 0; rack < plant.racks.length; rack++) {
    const { firstNode, endNode } = plant.racks[rack]!
    const { system } = layout.pools[layout.poolOfRack[rack]!]!
    const all = system.gpus === 32 ? -1 : (1 << system.gpus) - 1
    tables.nodes.freeDevices.fill(all, firstNode, endNode)
    tables.nodes.freeCpus.fill(system.cpus, firstNode, endNode)
    tables.nodes.freeMemoryGiB.fill(system.memoryGiB, firstNode, endNode)
  }
  indexFreeNodes(state)
  state.totals.isPowered = isPowered ? 1 : 0
  resetLedger(state)
  plant.sites.forEach(({ feeder }, site) => {
    if (plant.power.rampUpWPerMin[site]! < Infinity) keepHistory(state, feeder)
  })
  return state
}

/**
 * A state that shares only what never changes. Costs one copy of the columns. A `spare` fork that
 * is no longer needed gives its memory, and must not be used afterwards.
 */
export function forkState(state: State, spare?: State): State {
  const arena = state.arena.fork(spare?.arena)
  return {
    layout: state.layout,
    arena,
    tables: arena.tables,
    totals: { ...state.totals },
    names: [...state.names],
    releases: new Releases(),
    margins: new Margins(),
  }
}

/** Sixteen hex digits over every column in use and every total. O(size of the state). */
export function hashState(state: State): string {
  const { totals, layout } = state
  const fingerprint = new Fingerprint()
  for (const value of Object.values(totals)) fingerprint.addNumber(value)
  state.arena.addTo(fingerprint, {
    lanes: totals.lanes,
    waiters: totals.waiterRows,
    speeds: totals.speedRows,
    limits: totals.limitRows,
    histories: totals.histories,
    past: totals.histories * PAST_MOST,
    seen: totals.seenRows,
    jobs: totals.jobRows,
    spans: totals.spanRows,
    items: layout.plant.nodes + totals.jobRows,
    // Where nothing was told, as in older journals, hashes are those of before there were any.
    supplies: areSuppliesKnown(state) ? layout.supplyCells.total : NONE,
  })
  return fingerprint.digest()
}

/** Lane of a queue and a device type, made when it is first needed. */
export function laneOf(state: State, queue: number, device: number): number {
  const { lanes } = state.tables
  const { totals } = state
  for (let lane = 0; lane < totals.lanes; lane++) {
    if (lanes.queue[lane] === queue && lanes.device[lane] === device) return lane
  }
  const lane = totals.lanes++
  lanes.queue[lane] = queue
  lanes.device[lane] = device
  lanes.root[lane] = NONE
  return lane
}

/** What people call a job. */
export function jobName(state: State, job: number): string {
  return state.names[job] || `${state.tables.jobs.number[job]}`
}

function emptyTotals(): Totals {
  return {
    nowMs: 0, epochMs: 0, jobsSeen: 0, jobRows: 0, freeJobRow: NONE, spanRows: 0, freeSpanRow: NONE,
    waiterRows: 0, freeWaiterRow: NONE, speedRows: 0, freeSpeedRow: NONE, windows: 0,
    nextWindowAtMs: NEVER_MS, wakeAtMs: NEVER_MS, limitRows: 0, limits: 0, targets: 0,
    nextLimitAtMs: NEVER_MS, returnUntilMs: 0, histories: 0, isPowered: 0, powerNews: 0,
    powerAtMs: NEVER_MS, capped: 0, openCaps: 0, shiftedRatios: 0, ratioMovedAtMs: NONE,
    seenRows: 0, freeSeenRow: NONE, lanes: 0, pending: 0, elastic: 0, shrunk: 0,
    running: 0, busyGpus: 0, waitingGpus: 0, unanswered: 0, isFreed: 1,
    decidedNumber: 0, newestJob: NONE, events: 0,
  }
}
