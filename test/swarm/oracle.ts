/**
 * What a state must be, worked out anew from the jobs and their spans with plain loops: cores,
 * memory, times of release, topology. It shares no code with what keeps them in step.
 */
import type { State } from '../../src/core/state.ts'
import { PHASE } from '../../src/model/index.ts'

export function oracleProblems(state: State): string[] {
  const { plant } = state.layout
  const nodes = Array.from({ length: plant.nodes }, (_, node) => freshNode(state, node))
  const problems: string[] = []
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (state.tables.jobs.phase[job]! < PHASE.starting) continue
    problems.push(...placeProblems(state, job))
    take(state, job, nodes)
  }
  const { tables } = state
  nodes.forEach((node, id) => {
    const have = [tables.nodes.holder[id], tables.nodes.freeDevices[id], tables.nodes.freeCpus[id],
      tables.nodes.freeMemoryGiB[id], tables.nodes.jobs[id]]
    const want = [node.holder, node.devices, node.cpus, node.memoryGiB, node.parts]
    if (have.join() !== want.join()) problems.push(`node ${id} has ${have}, should have ${want}`)
    const isBoth = node.holder >= 0 && node.parts > 0
    if (node.cpus < 0 || node.memoryGiB < 0 || isBoth) {
      problems.push(`node ${id} gives more than it has`)
    }
    // Jobs without devices leave an upper bound behind when they go.
    const untilMs = tables.nodes.busyUntilMs[id]!
    const isRight = node.hasCpuJob ? untilMs >= node.untilMs : untilMs === node.untilMs
    if (!isRight && node.parts > 0) problems.push(`node ${id} is busy until ${untilMs}`)
  })
  return [...problems, ...releaseProblems(state, nodes), ...reservationProblems(state),
    ...quotaProblems(state), ...waitProblems(state)]
}

type Node = {
  devices: number
  cpus: number
  memoryGiB: number
  /** -1 for nobody, -2 for parts. */
  holder: number
  parts: number
  untilMs: number
  hasCpuJob: boolean
}

export function systemOfNode(state: State, node: number) {
  const { plant } = state.layout
  const rack = plant.racks.find((each) => each.firstNode <= node && node < each.endNode)!
  return { rack, system: plant.systems[plant.pools[rack.pool]!.system]! }
}

function freshNode(state: State, node: number): Node {
  const { gpus, cpus, memoryGiB } = systemOfNode(state, node).system
  let devices = 0
  for (let device = 0; device < gpus; device++) devices |= 1 << device
  return { devices, cpus, memoryGiB, holder: -1, parts: 0, untilMs: 0, hasCpuJob: false }
}

/** Nodes of a job, each with its mask. */
export function nodesOfJob(state: State, job: number): { node: number, mask: number }[] {
  const { jobs, spans } = state.tables
  const list = []
  for (let at = jobs.firstSpan[job]!; at >= 0; at = spans.next[at]!) {
    for (let node = spans.first[at]!; node < spans.end[at]!; node++) {
      list.push({ node, mask: spans.mask[at]! })
    }
  }
  return list
}

function take(state: State, job: number, nodes: Node[]): void {
  const { jobs } = state.tables
  const gpus = jobs.gpus[job]!
  for (const { node, mask } of nodesOfJob(state, job)) {
    const { system } = systemOfNode(state, node)
    const into = nodes[node]!
    if (gpus > 0 && mask === 0) {
      into.holder = job
      continue
    }
    into.holder = -2
    into.parts++
    into.untilMs = Math.max(into.untilMs, jobs.expectedEndAtMs[job]!)
    if (gpus === 0) into.hasCpuJob = true
    const share = gpus === 0 ? 0 : bits(mask) / system.gpus
    into.devices &= ~mask
    into.cpus -= jobs.cpusPerNode[job]! || (gpus === 0 ? 1 : Math.floor(system.cpus * share))
    into.memoryGiB -= jobs.memoryPerNodeGiB[job]! || Math.floor(system.memoryGiB * share)
  }
}

function bits(mask: number): number {
  return [...(mask >>> 0).toString(2)].filter((digit) => digit === '1').length
}

/** I3 in full: as many devices as asked, all of one pool, in one domain of the level. */
function placeProblems(state: State, job: number): string[] {
  const { jobs } = state.tables
  const { plant } = state.layout
  const held = nodesOfJob(state, job)
  const places = new Set<string>()
  let gpus = 0
  for (const { node, mask } of held) {
    const { rack, system } = systemOfNode(state, node)
    const row = plant.rows[rack.row]!
    const { site } = plant.halls[row.hall]!
    const levels = [node, plant.racks.indexOf(rack), rack.row, row.hall, site]
    places.add(`${rack.pool}/${levels[jobs.level[job]!]}`)
    if (jobs.gpus[job]! > 0) gpus += mask === 0 ? system.gpus : bits(mask)
  }
  const name = `job ${jobs.number[job]}`
  const problems: string[] = []
  if (places.size !== 1) problems.push(`I3 ${name} lies in ${[...places].join(' and ')}`)
  const least = jobs.leastNodes[job]! || jobs.nodes[job]!
  const isElastic = least < jobs.nodes[job]!
  const asked = isElastic ? (jobs.gpus[job]! / jobs.nodes[job]!) * held.length : jobs.gpus[job]!
  if (gpus !== asked || gpus !== jobs.heldGpus[job]) {
    problems.push(`I3 ${name} holds ${gpus} of ${asked} GPUs, counted ${jobs.heldGpus[job]}`)
  }
  if (new Set(held.map((each) => each.node)).size !== held.length) {
    problems.push(`I3 ${name} holds a node twice`)
  }
  const isRight = held.length >= least && held.length <= jobs.nodes[job]!
  if (jobs.nodes[job]! > 0 && !isRight) {
    problems.push(`I3 ${name} holds ${held.length} of ${jobs.nodes[job]} nodes`)
  }
  return problems
}

/** The releases hold exactly the nodes that are in use. */
function releaseProblems(state: State, nodes: readonly Node[]): string[] {
  let used = 0
  for (const pool of state.layout.pools) {
    const sites = pool.levels.at(-1)!
    for (let site = sites.firstDomain; site < sites.endDomain; site++) {
      used += state.releases.upTo(state, site, Infinity)
    }
  }
  const busy = nodes.filter((node) => node.holder !== -1).length
  return used === busy ? [] : [`the releases hold ${used} nodes, ${busy} are in use`]
}

/** A reservation belongs to a job that waits, in a domain of its pool. */
function reservationProblems(state: State): string[] {
  const { pools, jobs } = state.tables
  return state.layout.pools.flatMap((_, pool) => {
    const job = pools.reservedJob[pool]!
    if (job < 0) return []
    const isWaiting = jobs.phase[job] === PHASE.pending && jobs.held[job] === 0
    if (!isWaiting) return [`pool ${pool} is reserved for job ${jobs.number[job]}, which runs`]
    const isHere = state.layout.domainPool[pools.reservedDomain[pool]!] === pool
    return isHere ? [] : [`pool ${pool} is reserved in domain ${pools.reservedDomain[pool]}`]
  })
}

/** I6, from the definition: what each queue's subtree holds beyond what it may, level by level. */
function quotaProblems(state: State): string[] {
  const { queues } = state.layout.plant
  const { jobs } = state.tables
  return (['gpus', 'cores'] as const).flatMap((resource) => {
    const held = queues.map(() => 0)
    for (let job = 0; job < state.totals.jobRows; job++) {
      if (jobs.phase[job]! < PHASE.starting) continue
      const at = jobs.queue[job]!
      held[at] = held[at]! + (resource === 'gpus' ? jobs.heldGpus[job]! : jobs.heldCores[job]!)
    }
    const children = (at: number) => [...queues.keys()].filter((id) => queues[id]!.parent === at)
    const problems: string[] = []
    /** What a queue gives to the one above, and what it takes of it. */
    const visit = (at: number): { lent: number, used: number } => {
      const below = children(at).map(visit)
      const { own, borrow, lend } = queues[at]!.quota[resource]
      const has = own + below.reduce((sum, each) => sum + each.lent, 0)
      const used = held[at]! + below.reduce((sum, each) => sum + each.used, 0)
      const most = has + (queues[at]!.parent < 0 ? 0 : borrow)
      if (used > most) problems.push(`I6 ${queues[at]!.name} holds ${used} of ${most} ${resource}`)
      const kept = has === Infinity ? 0 : Math.max(0, has - lend)
      return { lent: has - kept, used: Math.max(0, used - kept) }
    }
    for (const [at, { parent }] of queues.entries()) if (parent < 0) visit(at)
    return problems
  })
}

/** Nobody runs that waits for another job; whoever waits is waited for by one that is there. */
function waitProblems(state: State): string[] {
  const { jobs, waiters } = state.tables
  const waits = new Map<number, number>()
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (jobs.phase[job] === PHASE.free) continue
    for (let row = jobs.firstWaiter[job]!; row >= 0; row = waiters.next[row]!) {
      const waiter = waiters.job[row]!
      if (jobs.number[waiter] === waiters.number[row]) {
        waits.set(waiter, (waits.get(waiter) ?? 0) + 1)
      }
    }
  }
  const problems: string[] = []
  for (let job = 0; job < state.totals.jobRows; job++) {
    const isThere = jobs.phase[job] !== PHASE.free
    if (!isThere || jobs.doomed[job] === 1 || jobs.waitsFor[job] === 0) continue
    if (jobs.phase[job] !== PHASE.pending) problems.push(`job ${jobs.number[job]} did not wait`)
    if (waits.get(job) !== jobs.waitsFor[job]) {
      const name = `job ${jobs.number[job]}`
      problems.push(`${name} waits for ${jobs.waitsFor[job]}, not ${waits.get(job)}`)
    }
  }
  return problems
}
