import { leastCapW } from '../core/caps.ts'
import { gpusOn, leastNodesOf, nodesIn } from '../core/demand.ts'
import { searchFor, type Found } from '../core/fit.ts'
import { powerNeed, shortIn } from '../core/headroom.ts'
import { quotaRoom } from '../core/quota.ts'
import type { State } from '../core/state.ts'
import type { JobStarted, Placement } from '../model/index.ts'
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

export type Placed = Extract<Found, { placement: unknown }>

/** The start of a job where a search found room for it. */
export function startAt(job: number, { placement, capW }: Placed): JobStarted {
  const { pool, spans } = placement
  const start = { type: 'job.started', job, pool, spans } as const
  return capW === undefined ? start : { ...start, capW }
}

/** What a placed job starts with where it stays: the cap that it has; none if nothing is capped. */
export function keepAt(view: State, job: number, placement: Placement): JobStarted {
  if (view.totals.isPowered === 0 || view.tables.jobs.gpus[job] === 0) {
    return startAt(job, { placement })
  }
  const leastW = leastCapW(view, job, view.layout.pools[placement.pool]!)
  return startAt(job, { placement, capW: Math.max(leastW, view.tables.jobs.capW[job]!) })
}

/**
 * A place for a job on so many nodes; where a power policy acts and its devices' rating is more
 * than the watts that are left, with its devices capped.
 */
export function placeOn(
  view: State, job: number, pool: number, nodes: number, place: PlacePolicy): Found | undefined {
  const search = searchFor(view, job, pool, nodes)
  if (search === undefined) return undefined
  const found = place.place(view, search)
  const isCapped = view.totals.isPowered === 1 && view.tables.jobs.gpus[job]! > 0
  if (!isCapped) return found
  if ('placement' in found) return atPrices(view, job, nodes, found)
  // Beside a window too it may be watts that are short.
  if (found.missing !== 'power' && found.missing !== 'window') return found
  return placeCapped(view, job, pool, nodes, place)
}

/** The same place with the cap that is best at the prices there: it would be set at once. */
function atPrices(view: State, job: number, nodes: number, found: Placed): Placed {
  if (view.totals.capped === 0) return found
  const { placement } = found
  const { deviceRatedW } = view.layout.pools[placement.pool]!.system
  const capW = view.margins.startCapW(view, job, placement, gpusOn(view, job, nodes))
  return capW < deviceRatedW ? { placement, capW } : found
}

/** A place for a job whose devices start capped, as high as the watts there allow. */
function placeCapped(
  view: State, job: number, pool: number, nodes: number, place: PlacePolicy): Found {
  const layout = view.layout.pools[pool]!
  const leastW = leastCapW(view, job, layout)
  const search = searchFor(view, job, pool, nodes, leastW)!
  const found = place.place(view, search)
  if (!('placement' in found)) return found
  const devices = gpusOn(view, job, nodes)
  let low = leastW
  let high = Math.min(layout.system.deviceRatedW - 1,
    view.margins.startCapW(view, job, found.placement, devices))
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const need = powerNeed(view, job, pool, search.power!.untilMs, middle)
    const isShort = shortIn(
      view, found.placement, need, devices, nodesIn(found.placement.spans)) !== undefined
    if (isShort) high = middle - 1
    else low = middle
  }
  return { placement: found.placement, capW: low }
}

/** Nodes that a job asks for; of an elastic one, as many as its quota has room for. */
export function sizeNow(view: State, job: number): number {
  const { jobs, queues } = view.tables
  const nodes = jobs.nodes[job]!
  if (leastNodesOf(view, job) === 0) return nodes
  const room = quotaRoom(view.layout.quotas, queues.usedGpus, jobs.queue[job]!, 'gpus')
  return Math.min(nodes, Math.floor(room / (jobs.gpus[job]! / nodes)))
}
