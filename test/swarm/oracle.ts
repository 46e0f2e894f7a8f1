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
    const have = [tables.nodes.freeDevices[id], tables.nodes.freeCpus[id],
      tables.nodes.freeMemoryGiB[id], tables.nodes.jobs[id]]
    const want = [node.devices, node.cpus, node.memoryGiB, node.jobs]
    if (have.join() !== want.join()) problems.push(`node ${id} has ${have}, should have ${want}`)
    if (node.cpus < 0 || node.memoryGiB < 0) problems.push(`node ${id} gives more than it has`)
    // Jobs without devices leave an upper bound behind when they go.
    const untilMs = tables.nodes.busyUntilMs[id]!
    const isRight = node.hasCpuJob ? untilMs >= node.untilMs : untilMs === node.untilMs
    if (!isRight && node.jobs > 0) problems.push(`node ${id} is busy until ${untilMs}`)
  })
  return [...problems, ...releaseProblems(state, nodes), ...reservationProblems(state)]
}

type Node = {
  devices: number
  cpus: number
  memoryGiB: number
  jobs: number
  untilMs: number
  hasCpuJob: boolean
  isWhole: boolean
}

function systemOfNode(state: State, node: number) {
  const { plant } = state.layout
  const rack = plant.racks.find((each) => each.firstNode <= node && node < each.endNode)!
  return { rack, system: plant.systems[plant.pools[rack.pool]!.system]! }
}

function freshNode(state: State, node: number): Node {
  const { gpus, cpus, memoryGiB } = systemOfNode(state, node).system
  let devices = 0
  for (let device = 0; device < gpus; device++) devices |= 1 << device
  return { devices, cpus, memoryGiB, jobs: 0, untilMs: 0, hasCpuJob: false, isWhole: false }
}

/** Nodes of a job, each with its mask. */
function nodesOfJob(state: State, job: number): { node: number, mask: number }[] {
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
    into.jobs++
    into.untilMs = Math.max(into.untilMs, jobs.expectedEndAtMs[job]!)
    if (gpus === 0) into.hasCpuJob = true
    if (gpus > 0 && mask === 0) {
      Object.assign(into, { devices: 0, cpus: into.cpus - system.cpus, isWhole: true,
        memoryGiB: into.memoryGiB - system.memoryGiB })
      continue
    }
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
  if (gpus !== jobs.gpus[job]) problems.push(`I3 ${name} holds ${gpus} of ${jobs.gpus[job]} GPUs`)
  if (new Set(held.map((each) => each.node)).size !== held.length) {
    problems.push(`I3 ${name} holds a node twice`)
  }
  if (jobs.nodes[job]! > 0 && held.length !== jobs.nodes[job]) {
    problems.push(`I3 ${name} holds ${held.length} of ${jobs.nodes[job]} nodes`)
  }
  return problems
}

/** The trees of releases hold exactly the nodes that are in use. */
function releaseProblems(state: State, nodes: readonly Node[]): string[] {
  const { domains, items } = state.tables
  let used = 0
  for (const pool of state.layout.pools) {
    const sites = pool.levels.at(-1)!
    for (let site = sites.firstDomain; site < sites.endDomain; site++) {
      const root = domains.root[site]!
      if (root >= 0) used += items.sum[root]!
    }
  }
  const busy = nodes.filter((node) => node.jobs > 0).length
  return used === busy ? [] : [`the trees of releases hold ${used} nodes, ${busy} are in use`]
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
