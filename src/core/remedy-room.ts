import { countBits } from '../base/bitset.ts'
import { PHASE } from '../model/index.ts'
import { forEachNode, leastDevices } from './blocker-figures.ts'
import { shapeOfJob } from './demand.ts'
import type { Wanted } from './fit.ts'
import { freeCpusOf, freeDevicesOf, freeMemoryOf } from './holder.ts'
import { nodesOf } from './shape.ts'
import type { State } from './state.ts'

/**
 * Which running jobs would have to end so that a gang finds its nodes: in one domain of its level,
 * as few jobs as can be found simply, and of equal ones those that lose least. An estimate of the
 * best choice, since the exact one is a covering problem; whoever uses it tries it.
 * O(nodes of the pool + spans).
 */
export function jobsInTheWay(state: State, search: Wanted): number[] {
  const held = heldParts(state, search)
  const domains = new Map<number, Domain>()
  forEachNode(state, search, (node, domain) => {
    const known = domains.get(domain) ?? { ready: 0, busy: [] }
    domains.set(domain, known)
    if (isReadyWithout(state, search, node, held, () => false)) known.ready++
    else known.busy.push(node)
  })
  const need = nodesOf(search.shape)
  let best: readonly number[] | undefined
  let bestLost = 0
  for (const { ready, busy } of domains.values()) {
    if (ready + busy.length < need) continue
    const chosen = chooseIn(state, search, busy, need - ready, held)
    if (chosen === undefined) continue
    const lost = chosen.reduce((sum, job) => sum + lostWork(state, job), 0)
    if (best !== undefined && best.length < chosen.length) continue
    if (best !== undefined && best.length === chosen.length && bestLost <= lost) continue
    best = chosen
    bestLost = lost
  }
  return [...best ?? []]
}

type Domain = { ready: number, readonly busy: number[] }

/** What a job holds of a node. */
type Part = {
  readonly job: number
  readonly devices: number
  readonly cpus: number
  readonly memoryGiB: number
}

type HeldParts = ReadonlyMap<number, readonly Part[]>

/** GPU·ms, or core·ms, that a job has run for since it started: what it may lose at most. */
export function lostWork(state: State, job: number): number {
  const { jobs } = state.tables
  const held = jobs.heldGpus[job]! || jobs.heldCores[job]!
  return held * (state.totals.nowMs - jobs.startAtMs[job]!)
}

/** By node of a pool, what each placed job holds there. */
function heldParts(state: State, { pool }: Wanted): HeldParts {
  const { jobs, spans } = state.tables
  const { system } = state.layout.pools[pool]!
  const held = new Map<number, Part[]>()
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (jobs.phase[job]! < PHASE.starting || jobs.pool[job] !== pool) continue
    const shape = shapeOfJob(state, job, pool)!
    for (let at = jobs.firstSpan[job]!; at >= 0; at = spans.next[at]!) {
      const mask = spans.mask[at]!
      const isWhole = mask === 0 && jobs.gpus[job]! > 0
      const part = {
        job,
        devices: isWhole ? system.gpus : countBits(mask),
        cpus: isWhole ? system.cpus : shape.partCpus,
        memoryGiB: isWhole ? system.memoryGiB : shape.partMemoryGiB,
      }
      for (let node = spans.first[at]!; node < spans.end[at]!; node++) {
        const parts = held.get(node)
        if (parts === undefined) held.set(node, [part])
        else parts.push(part)
      }
    }
  }
  return held
}

/** Whether a node could take one of the gang's parts once some jobs are gone. */
function isReadyWithout(
  state: State, search: Wanted, node: number, held: HeldParts, isGone: (job: number) => boolean,
): boolean {
  const parts = held.get(node) ?? []
  if (search.shape.whole > 0) return parts.every((part) => isGone(part.job))
  let devices = countBits(freeDevicesOf(state, node))
  let cpus = freeCpusOf(state, node)
  let memoryGiB = freeMemoryOf(state, node)
  for (const part of parts) {
    if (!isGone(part.job)) continue
    devices += part.devices
    cpus += part.cpus
    memoryGiB += part.memoryGiB
  }
  const { partCpus, partMemoryGiB } = search.shape
  return devices >= leastDevices(state, search) && cpus >= partCpus && memoryGiB >= partMemoryGiB
}

/** Jobs of a domain whose end makes so many of its nodes ready. */
function chooseIn(
  state: State, search: Wanted, busy: readonly number[], need: number, held: HeldParts,
): number[] | undefined {
  const nodesOfJob = new Map<number, number[]>()
  for (const node of busy) {
    for (const { job } of held.get(node) ?? []) {
      const known = nodesOfJob.get(job)
      if (known === undefined) nodesOfJob.set(job, [node])
      else if (known.at(-1) !== node) known.push(node)
    }
  }
  const gained = (nodes: readonly number[], isGone: (job: number) => boolean) =>
    nodes.reduce((sum, node) =>
      sum + (isReadyWithout(state, search, node, held, isGone) ? 1 : 0), 0)
  const order = [...nodesOfJob.keys()].sort((a, b) =>
    lostWork(state, a) - lostWork(state, b) || a - b)
  const alone = order.find((job) =>
    nodesOfJob.get(job)!.length >= need
    && gained(nodesOfJob.get(job)!, (other) => other === job) >= need)
  if (alone !== undefined) return [alone]
  // The largest first; the sort before is stable, so of equal ones those that lose least.
  order.sort((a, b) => nodesOfJob.get(b)!.length - nodesOfJob.get(a)!.length)
  const gone = new Set<number>()
  let ready = 0
  for (const job of order) {
    const nodes = nodesOfJob.get(job)!
    ready -= gained(nodes, (other) => gone.has(other))
    gone.add(job)
    ready += gained(nodes, (other) => gone.has(other))
    if (ready < need) continue
    return pruned([...gone], (rest) => gained(busy, (other) => rest.has(other)) >= need)
  }
  return undefined
}

/** Most jobs for which it is asked whether the others would do: each costs a walk. */
const PRUNED_MOST = 64

function pruned(
  jobs: readonly number[], isEnough: (rest: ReadonlySet<number>) => boolean): number[] {
  const rest = new Set(jobs)
  for (const job of jobs.slice(0, PRUNED_MOST)) {
    rest.delete(job)
    if (!isEnough(rest)) rest.add(job)
  }
  return [...rest]
}
