import { placementOf } from '../../core/allocation.ts'
import { shapeOfJob } from '../../core/demand.ts'
import { jobName, type State } from '../../core/state.ts'
import type { Gang, GangNode } from '../engine.ts'

/**
 * Where a placed job runs, as an engine is told with an order. Call it right after the event that
 * the order is derived from is applied: later the row may be another job's. O(nodes of the job).
 */
export function gangOf(state: State, job: number): Gang {
  const { layout } = state
  const { jobs } = state.tables
  const { pool, spans } = placementOf(state, job)
  const { system } = layout.pools[pool]!
  const partCpus = shapeOfJob(state, job, pool)?.partCpus ?? 0
  const nodes: GangNode[] = []
  for (let at = 0; at < spans.length; at += 3) {
    for (let node = spans[at]!; node < spans[at + 1]!; node++) {
      nodes.push({
        name: nameOf(state, node),
        devices: devicesOf(state, node, spans[at + 2]!, jobs.heldGpus[job]!),
        cpus: spans[at + 2] === 0 && jobs.heldGpus[job]! > 0 ? system.cpus : partCpus,
      })
    }
  }
  return {
    name: jobName(state, job), nodes, limitMs: jobs.limitMs[job]!, keptMs: jobs.keptMs[job]!,
    ratedW: system.deviceRatedW,
  }
}

/** As scenarios and people name a node: its rack, and its place there from 1 on. */
function nameOf({ layout }: State, node: number): string {
  const rack = layout.plant.racks[layout.rackOfNode[node]!]!
  return `${rack.name}/${node - rack.firstNode + 1}`
}

function devicesOf({ layout }: State, node: number, mask: number, gpus: number): number[] {
  if (gpus === 0) return []
  const first = layout.firstDevice[node]!
  const count = layout.firstDevice[node + 1]! - first
  return Array.from({ length: count }, (_, index) => first + index)
    .filter((_, index) => mask === 0 || (mask >>> index & 1) === 1)
}
