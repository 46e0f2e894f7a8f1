import { leastNodesOf } from '../core/demand.ts'
import { searchFor, type Found } from '../core/fit.ts'
import { quotaRoom } from '../core/quota.ts'
import type { State } from '../core/state.ts'
import type { PlacePolicy } from './policy.ts'

/**
 * A place in one pool for a job at its full size or, where it can run on fewer nodes, at the
 * largest that its quota and the free nodes allow; else what its least size lacks. Undefined where
 * a node of the pool cannot give its part. Costs one search, or the logarithm of its nodes.
 */
export function placeIn(
  view: State, job: number, pool: number, place: PlacePolicy): Found | undefined {
  const least = leastNodesOf(view, job)
  const most = sizeNow(view, job)
  const full = placeOn(view, job, pool, most, place)
  if (full === undefined || least === 0 || 'placement' in full) return full
  // What it lacks is what even its least size lacks.
  let best = placeOn(view, job, pool, least, place)
  if (best === undefined || !('placement' in best)) return best
  let low = least + 1
  let high = most - 1
  while (low <= high) {
    const nodes = Math.ceil((low + high) / 2)
    const found = placeOn(view, job, pool, nodes, place)
    if (found !== undefined && 'placement' in found) {
      best = found
      low = nodes + 1
    } else {
      high = nodes - 1
    }
  }
  return best
}

function placeOn(
  view: State, job: number, pool: number, nodes: number, place: PlacePolicy): Found | undefined {
  const search = searchFor(view, job, pool, nodes)
  return search === undefined ? undefined : place.place(view, search)
}

/** Nodes that a job asks for; of an elastic one, as many as its quota has room for. */
export function sizeNow(view: State, job: number): number {
  const { jobs, queues } = view.tables
  const nodes = jobs.nodes[job]!
  if (leastNodesOf(view, job) === 0) return nodes
  const room = quotaRoom(view.layout.quotas, queues.usedGpus, jobs.queue[job]!, 'gpus')
  return Math.min(nodes, Math.floor(room / (jobs.gpus[job]! / nodes)))
}
