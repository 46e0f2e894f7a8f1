import { NONE } from '../base/id.ts'
import { PLAIN, type JobRequest } from '../model/job.ts'
import { shapeOn, type Shape } from './shape.ts'
import { declaredSpeeds, leastSpeed, speedOn } from './speeds.ts'
import type { State } from './state.ts'

/** What a job asks for, at its full size or, where it is elastic, on fewer nodes. O(1) each. */

/** The shape of a job on a pool's system, or undefined where a node cannot give its part. */
export function shapeOfJob(
  state: State, job: number, pool: number, nodes = state.tables.jobs.nodes[job]!,
): Shape | undefined {
  const { jobs } = state.tables
  return shapeOn(state.layout.pools[pool]!.system, {
    gpus: gpusOn(state, job, nodes),
    nodes,
    cpusPerNode: jobs.cpusPerNode[job]!,
    memoryPerNodeGiB: jobs.memoryPerNodeGiB[job]!,
  })
}

/** Devices that a job holds on so many of its nodes; 0 nodes stand for as few as hold it. */
export function gpusOn(state: State, job: number, nodes: number): number {
  const { jobs } = state.tables
  const full = jobs.nodes[job]!
  return nodes === full ? jobs.gpus[job]! : jobs.gpus[job]! / full * nodes
}

/** Fewest nodes that a job may run on: 0 where its size is fixed. */
export function leastNodesOf(state: State, job: number): number {
  const { jobs } = state.tables
  return jobs.leastNodes[job]! < jobs.nodes[job]! ? jobs.leastNodes[job]! : 0
}

/** Cores that count in quotas and shares: those of jobs without GPUs. */
export function coresOf(state: State, job: number): number {
  const { jobs } = state.tables
  if (jobs.gpus[job]! > 0) return 0
  return Math.max(1, jobs.nodes[job]!) * Math.max(1, jobs.cpusPerNode[job]!)
}

/**
 * How long a job that starts now is expected to run on so many devices of a pool; without a pool,
 * on the slowest that it may use. At least 1 ms.
 */
export function plannedRunMs(
  state: State, job: number, gpus: number, pool: number = NONE): number {
  const { jobs } = state.tables
  const limitMs = jobs.limitMs[job] || state.layout.plant.queues[jobs.queue[job]!]!.defaultLimitMs
  const restMs = Math.max(1, limitMs - jobs.keptMs[job]!)
  const speed = pool === NONE ? leastSpeed(state, job) : speedOn(state, job, pool)
  if (gpus < jobs.gpus[job]!) return Math.ceil(restMs * jobs.gpus[job]! / (gpus * speed))
  return speed === 1 ? restMs : Math.ceil(restMs / speed)
}

/** What a job in a row asked for, but what it waits for. */
export function requestOfJob(state: State, job: number): JobRequest {
  const { jobs } = state.tables
  return {
    name: state.names[job] ?? '', queue: jobs.queue[job]!, gpus: jobs.gpus[job]!,
    nodes: jobs.nodes[job]!, cpusPerNode: jobs.cpusPerNode[job]!,
    memoryPerNodeGiB: jobs.memoryPerNodeGiB[job]!, device: jobs.device[job]!,
    level: jobs.level[job]!, priority: jobs.priority[job]!, limitMs: jobs.limitMs[job]!,
    leastNodes: jobs.leastNodes[job]!, leastRunMs: jobs.leastRunMs[job]!,
    deadlineAtMs: jobs.deadlineAtMs[job]!, isHero: jobs.hero[job] === 1, array: jobs.array[job]!,
    after: PLAIN.after, speeds: declaredSpeeds(state, job),
    curve: jobs.curve[job]!, leastSpeed: jobs.leastSpeed[job]!, worth: jobs.worth[job]!,
  }
}

/** Nodes of a placement. O(spans). */
export function nodesIn(spans: readonly number[]): number {
  let nodes = 0
  for (let at = 0; at < spans.length; at += 3) nodes += spans[at + 1]! - spans[at]!
  return nodes
}
