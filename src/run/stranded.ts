import { poolsOf } from '../core/blocker.ts'
import { gpusOn, leastNodesOf, shapeOfJob } from '../core/demand.ts'
import { freeGpusAt } from '../core/free.ts'
import type { State } from '../core/state.ts'
import type { Blocker } from '../model/index.ts'

/**
 * GPUs that stand idle only because they are apart: those free on nodes that serve, in the pools
 * of a job that lacks nodes, devices or topology, where one of its sites has as many as it asks
 * for. 0 where something else holds the job back. O(1) where the factory is full, or else the
 * words of the sets of nodes.
 */
export function strandedGpus(state: State, job: number, blocker: Blocker): number {
  if (!APART.includes(blocker.reason)) return 0
  const { layout, totals, tables } = state
  const need = gpusOn(state, job, leastNodesOf(state, job) || tables.jobs.nodes[job]!)
  if (need === 0 || layout.plant.gpus - totals.busyGpus < need) return 0
  let free = 0
  let most = 0
  for (const pool of poolsOf(state, job)) {
    if (shapeOfJob(state, job, pool) === undefined) continue
    const { firstDomain, endDomain } = layout.pools[pool]!.levels.at(-1)!
    for (let site = firstDomain; site < endDomain; site++) {
      const here = freeGpusAt(state, pool, site)
      free += here
      most = Math.max(most, here)
    }
  }
  return most < need ? 0 : free
}

const APART: readonly string[] = ['nodes', 'devices', 'topology']
