import { NONE } from '../base/id.ts'
import { PHASE } from '../model/index.ts'
import { rises } from './aims.ts'
import { placementOf } from './allocation.ts'
import { isQueued } from './apply.ts'
import { leastNodesOf, shapeOfJob } from './demand.ts'
import { chargeQuota, isBelow, quotaRoom, RESOURCES, usedOf } from './quota.ts'
import { nodesOf } from './shape.ts'
import { ownBlocker, poolsOf } from './blocker.ts'
import { limitErrors } from './excess.ts'
import { indexErrors } from './free.ts'
import { floorErrors } from './floors.ts'
import { freeDevicesOf, isIdle, jobOfDevice } from './holder.ts'
import { canBind, ledgerErrors } from './ledger.ts'
import { isRamping } from './limits.ts'
import { eachDeviation } from './spread.ts'
import { siteDomainOf } from './releases.ts'
import { DOWN, type State } from './state.ts'
import { supplyErrors } from './supply-cells.ts'
import { firstItem, sumOf, Walk } from './tree.ts'
import { NEVER_MS } from './windows.ts'

/**
 * What must always be so: a number, one sentence, and a check that lists what breaks it. Guard,
 * tests, docs and messages cite the numbers. Checks read everything: O(devices + jobs).
 * I1 and I12 are checked where time moves and where a journal is replayed; I8 by the loop, which
 * knows what it sent; I11 here as far as it was told, else by the twin, which knows what is drawn.
 */
export type Invariant = {
  readonly id: string
  readonly sentence: string
  readonly check: (state: State) => readonly string[]
}

export const INVARIANTS: readonly Invariant[] = [
  { id: 'I1', sentence: 'Time never goes back.', check: checkTimes },
  { id: 'I2', sentence: 'A device serves at most one whole-device job.', check: checkDevices },
  { id: 'I3', sentence: 'A gang holds all it asked for, or nothing.', check: checkGangs },
  {
    id: 'I4a',
    sentence: 'After a decision no feeder grants more than its limit; where limits are sold over, '
      + 'none is expected to draw more at the chance that is stated.',
    check: limitErrors,
  },
  {
    id: 'I4b',
    sentence: 'The floors fit at every known future step, unless it became known after the jobs '
      + 'started.',
    check: floorErrors,
  },
  {
    id: 'I5',
    sentence: "A feeder's grant is its base load plus its children's, converted and rounded up.",
    check: (state) => [...ledgerErrors(state), ...spreadErrors(state)],
  },
  {
    id: 'I6',
    sentence: 'No queue holds more than its quota and what it may borrow.',
    check: checkQuotas,
  },
  { id: 'I7', sentence: 'Nothing starts on a drained node; nothing runs on one that is down.',
    check: checkDown },
  { id: 'I8', sentence: 'Every command is answered or retried within its limit.',
    check: checkCommands },
  { id: 'I9', sentence: 'Every pending job has a blocker or starts.', check: checkBlockers },
  { id: 'I10', sentence: 'A job that was stopped keeps its last checkpoint.', check: checkKept },
  {
    id: 'I11',
    sentence: 'In each settlement interval, energy in is energy out plus losses.',
    check: supplyErrors,
  },
  { id: 'I13', sentence: 'A job accepted is never lost.', check: checkCounts },
  { id: 'I14', sentence: 'Nothing starts that is expected to run into a window of others.',
    check: checkWindows },
  { id: 'index', sentence: 'The index of free capacity matches the nodes.', check: indexErrors },
]

/** Everything that is broken now, each with its number; empty when all is well. */
export function brokenInvariants(state: State): string[] {
  return INVARIANTS.flatMap(({ id, check }) => check(state).map((problem) => `${id} ${problem}`))
}

function checkTimes(state: State): string[] {
  const { jobs } = state.tables
  const { nowMs } = state.totals
  return eachJob(state, (job) => jobs.submitAtMs[job]! > nowMs || jobs.startAtMs[job]! > nowMs
    ? 'was submitted or started in the future' : undefined)
}

function checkDevices(state: State): string[] {
  const { spans, jobs } = state.tables
  const { firstDevice } = state.layout
  const holder = new Int32Array(state.layout.devices).fill(NONE)
  const problems = eachJob(state, (job) => {
    let problem: string | undefined
    if (jobs.gpus[job] === 0) return problem
    for (let at = jobs.firstSpan[job]!; at !== NONE; at = spans.next[at]!) {
      for (let node = spans.first[at]!; node < spans.end[at]!; node++) {
        const first = firstDevice[node]!
        for (let device = first; device < firstDevice[node + 1]!; device++) {
          const isMine = spans.mask[at] === 0 || (spans.mask[at]! >>> (device - first) & 1) === 1
          if (!isMine) continue
          if (holder[device] !== NONE) problem = `shares device ${device} with ${holder[device]}`
          holder[device] = job
        }
      }
    }
    return problem
  })
  for (let node = 0; node < state.layout.plant.nodes; node++) {
    const first = firstDevice[node]!
    for (let device = first; device < firstDevice[node + 1]!; device++) {
      const marked = jobOfDevice(state, node, device)
      if (holder[device] !== marked) {
        problems.push(`device ${device} is marked ${marked}, held by ${holder[device]}`)
      }
      const isFree = (freeDevicesOf(state, node) >>> (device - first) & 1) === 1
      if (isFree !== (holder[device] === NONE)) {
        problems.push(`device ${device} has a wrong free bit`)
      }
    }
  }
  return problems
}

function checkGangs(state: State): string[] {
  const { jobs, spans } = state.tables
  return eachJob(state, (job) => {
    const isPlaced = jobs.phase[job]! >= PHASE.starting
    if (!isPlaced) return jobs.firstSpan[job] === NONE ? undefined : 'waits and holds nodes'
    const site = siteDomainOf(state.layout, spans.first[jobs.firstSpan[job]!]!)
    let nodes = 0
    for (let at = jobs.firstSpan[job]!; at !== NONE; at = spans.next[at]!) {
      nodes += spans.end[at]! - spans.first[at]!
      if (siteDomainOf(state.layout, spans.first[at]!) !== site) return 'spans two sites or pools'
    }
    const least = leastNodesOf(state, job)
    if (least > 0) {
      return nodes >= least && nodes <= jobs.nodes[job]! ? undefined
        : `holds ${nodes} nodes, not ${least} to ${jobs.nodes[job]}`
    }
    const shape = shapeOfJob(state, job, jobs.pool[job]!)!
    return nodes === nodesOf(shape) ? undefined : `holds ${nodes} of ${nodesOf(shape)} nodes`
  })
}

/** What draw swings by at each feeder, summed anew: whole watts, so to the last bit. */
function spreadErrors(state: State): string[] {
  if (state.totals.isPowered === 0) return []
  const { jobs, feeders } = state.tables
  const sum = new Float64Array(feeders.variance.length)
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (jobs.phase[job]! < PHASE.starting || jobs.heldGpus[job] === 0) continue
    eachDeviation(state, placementOf(state, job), jobs.sdW[job]!, (feeder, watts) => {
      sum[feeder] = sum[feeder]! + watts * watts
    })
  }
  return state.layout.plant.feeders.flatMap(({ name }, feeder) =>
    feeders.variance[feeder] === sum[feeder] ? []
      : [`${name} has a variance of ${feeders.variance[feeder]} W², sums to ${sum[feeder]}`])
}

function checkQuotas(state: State): string[] {
  const { jobs } = state.tables
  const { quotas, plant } = state.layout
  const fresh = { gpus: new Int32Array(plant.queues.length),
    cores: new Int32Array(plant.queues.length) }
  eachJob(state, (job) => {
    if (jobs.phase[job]! < PHASE.starting) return undefined
    chargeQuota(quotas, fresh.gpus, jobs.queue[job]!, 'gpus', jobs.heldGpus[job]!)
    chargeQuota(quotas, fresh.cores, jobs.queue[job]!, 'cores', jobs.heldCores[job]!)
    return undefined
  })
  return RESOURCES.flatMap((resource) => plant.queues.flatMap((queue, id) => {
    const used = usedOf(state, resource)
    if (fresh[resource][id] !== used[id]) {
      return [`queue ${queue.name} counts ${used[id]} ${resource}`]
    }
    const room = quotaRoom(quotas, used, id, resource)
    return room < 0 ? [`queue ${queue.name} holds ${-room} ${resource} more than it may`] : []
  }))
}

function checkDown(state: State): string[] {
  const { flags } = state.tables.nodes
  const problems: string[] = []
  for (let node = 0; node < flags.length; node++) {
    if ((flags[node]! & DOWN) !== 0 && !isIdle(state, node)) problems.push(`node ${node} is down`)
  }
  return problems
}

function checkCommands(state: State): string[] {
  const { jobs } = state.tables
  let unanswered = 0
  const problems = eachJob(state, (job) => {
    if (jobs.phase[job] !== PHASE.starting) return undefined
    unanswered++
    return jobs.orderedAtMs[job] === jobs.startAtMs[job] ? undefined : 'starts without an order'
  })
  if (unanswered !== state.totals.unanswered) problems.push(`${unanswered} orders are open`)
  return problems
}

/**
 * Once a round is over, the head of every lane lacks something, or one that does stands before it
 * in a pool that both could use (or in its queue, or for watts anywhere). Who stands before whom
 * is for the order policy to say, so any that lacks something will do.
 */
function checkBlockers(state: State): string[] {
  const { totals, tables, layout } = state
  if (totals.isFreed === 1 || totals.decidedNumber < totals.jobsSeen || isMoving(state)) return []
  const { queue, number } = tables.jobs
  const closedPools = new Set<number>()
  const closedQueues = new Set<number>()
  const open: number[] = []
  for (let lane = 0; lane < totals.lanes; lane++) {
    const item = firstItem(state, tables.lanes.root[lane]!)
    if (item === NONE) continue
    const job = item - layout.plant.nodes
    // Pack and spread may differ in what they find where watts are short.
    const blocker = ownBlocker(state, job) ?? ownBlocker(state, job, true)
    if (blocker === undefined) open.push(job)
    else if (blocker.reason === 'quota') closedQueues.add(queue[job]!)
    else if (blocker.reason !== 'window') {
      for (const pool of poolsOf(state, job)) closedPools.add(pool)
    }
  }
  const isPowered = layout.pools.some((pool) => canBind(state, pool))
  if (isPowered && closedPools.size > 0) return []
  return startable(state, open, closedPools, closedQueues)
    .map((job) => `job ${number[job]} could start and does not`)
}

/** Whether room for draw grows as time goes by, and the policies are to look again. O(rows). */
function isMoving(state: State): boolean {
  const { nowMs, powerAtMs } = state.totals
  return powerAtMs !== NEVER_MS && (isRamping(state, nowMs) || rises(state).length > 0)
}

/** Of jobs that lack nothing those that no blocked one stands before, nor one behind such a one. */
function startable(
  state: State, open: readonly number[], pools: Set<number>, queues: ReadonlySet<number>,
): readonly number[] {
  const { queue } = state.tables.jobs
  const isBehind = (job: number) => queues.has(queue[job]!)
    || poolsOf(state, job).some((pool) => pools.has(pool))
  let left = open
  for (;;) {
    const behind = left.filter(isBehind)
    if (behind.length === 0) return left
    left = left.filter((job) => !behind.includes(job))
    for (const job of behind) for (const pool of poolsOf(state, job)) pools.add(pool)
  }
}

/** Jobs that started after a window was set do not overlap it. */
function checkWindows(state: State): string[] {
  const { jobs, spans, windows } = state.tables
  const { totals, layout } = state
  return eachJob(state, (job) => {
    if (jobs.phase[job]! < PHASE.starting) return undefined
    for (let window = 0; window < totals.windows; window++) {
      if (windows.setAtMs[window]! >= jobs.startAtMs[job]!) continue
      if (windows.startAtMs[window]! >= jobs.expectedEndAtMs[job]!) continue
      if (windows.endAtMs[window]! <= jobs.startAtMs[job]!) continue
      const owner = windows.queue[window]!
      if (owner >= 0 && isBelow(layout.quotas, jobs.queue[job]!, owner)) continue
      for (let at = jobs.firstSpan[job]!; at !== NONE; at = spans.next[at]!) {
        const isApart = spans.first[at]! >= windows.end[window]!
          || spans.end[at]! <= windows.first[window]!
        if (!isApart) return `runs into window ${window}`
      }
    }
    return undefined
  })
}

function checkKept(state: State): string[] {
  const { jobs } = state.tables
  return eachJob(state, (job) => jobs.keptMs[job]! >= 0 ? undefined : 'keeps negative work')
}

function checkCounts(state: State): string[] {
  const { jobs, lanes } = state.tables
  const { totals } = state
  let pending = 0
  let running = 0
  let parked = 0
  let elastic = 0
  let shrunk = 0
  let capped = 0
  eachJob(state, (job) => {
    if (jobs.phase[job] === PHASE.pending) pending++
    else running++
    if (jobs.phase[job] === PHASE.pending && !isQueued(state, job)) parked++
    if (jobs.phase[job] !== PHASE.pending && leastNodesOf(state, job) > 0) elastic++
    if (jobs.phase[job] !== PHASE.pending && jobs.heldGpus[job]! < jobs.gpus[job]!) shrunk++
    if (isCapped(state, job)) capped++
    return undefined
  })
  let queued = 0
  const problems: string[] = []
  for (let lane = 0; lane < totals.lanes; lane++) {
    const root = lanes.root[lane]!
    queued += sumOf(state, root)
    let walked = 0
    for (const walk = new Walk(state, root); walk.next() !== NONE;) walked++
    if (walked !== sumOf(state, root)) problems.push(`lane ${lane} holds ${walked} jobs`)
  }
  if (pending !== totals.pending || running !== totals.running) {
    problems.push(`${pending} jobs wait and ${running} run, counted ${totals.pending} and `
      + `${totals.running}`)
  }
  if (elastic !== totals.elastic) problems.push(`${elastic} elastic jobs are placed`)
  if (shrunk !== totals.shrunk) problems.push(`${shrunk} jobs run on fewer nodes than they ask`)
  if (capped !== totals.capped) problems.push(`${capped} jobs are capped, not ${totals.capped}`)
  if (queued + parked !== pending) problems.push(`${queued} jobs are in lanes, ${pending} wait`)
  return problems
}

function isCapped(state: State, job: number): boolean {
  const { phase, gpus, orderedW, pool } = state.tables.jobs
  if (phase[job]! < PHASE.starting || gpus[job] === 0) return false
  return orderedW[job]! < state.layout.pools[pool[job]!]!.system.deviceRatedW
}

function eachJob(state: State, check: (job: number) => string | undefined): string[] {
  const { jobs } = state.tables
  const problems: string[] = []
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (jobs.phase[job] === PHASE.free) continue
    const problem = check(job)
    if (problem !== undefined) problems.push(`job ${jobs.number[job]} ${problem}`)
  }
  return problems
}
