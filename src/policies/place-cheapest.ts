import { fit, type Found, type Wanted } from '../core/fit.ts'
import type { PoolLayout } from '../core/layout.ts'
import { speedOn } from '../core/speeds.ts'
import type { State } from '../core/state.ts'
import { RATIO_ONE } from '../model/index.ts'
import { pack } from './place-pack.ts'
import type { PlacePolicy } from './policy.ts'
import { poolsByWorth } from './pools.ts'

/**
 * Where watts are worth least to others. A feeder that binds has a price; a gang goes first into
 * the halls whose feeders, up to the site, add up to the lowest, and there it packs. A gang that
 * fits into no one hall packs as if nothing had a price, and so does all while nothing binds.
 */
export const cheapest: PlacePolicy = {
  name: 'cheapest',
  summary: 'packed, in the halls where a watt is worth least to others',
  place: (view, search) => placeCheapest(view, search),
  pools: (view, job) => {
    const { pools } = view.layout
    const worth = view.tables.jobs.worth[job]!
    return poolsByWorth(view, job, (pool) => {
      const costs = hallsOf(pools[pool]!).map((hall) => priceAt(view, hall))
      return worth * speedOn(view, job, pool) - Math.min(...costs) * pools[pool]!.chargeW
    })
  },
}

/** Index in a pool's levels of its halls. */
const HALL = 2

function placeCheapest(view: State, search: Wanted): Found {
  const halls = hallsOf(view.layout.pools[search.pool]!)
  const priced = halls.map((hall) => ({ hall, price: priceAt(view, hall) }))
  if (search.within !== undefined || priced.every(({ price }) => price === priced[0]!.price)) {
    return pack.place(view, search)
  }
  priced.sort((a, b) => a.price - b.price || a.hall - b.hall)
  for (const { hall } of priced) {
    const found = fit(view, { ...search, within: hall, isSpread: false })
    if ('placement' in found) return found
  }
  return pack.place(view, search)
}

function hallsOf({ levels }: PoolLayout): number[] {
  const { firstDomain, endDomain } = levels[HALL]!
  return Array.from({ length: endDomain - firstDomain }, (_, at) => firstDomain + at)
}

/**
 * Value of a watt at a hall's racks: the prices of all feeders that its first and its last rack
 * have in common, each for the watts that one at a rack takes there. O(depth of the power tree).
 */
function priceAt(view: State, hall: number): number {
  const { layout, tables } = view
  const { price, drawPrice, ratioPer10k } = tables.feeders
  const above = pathOf(view, layout.endChild[layout.endChild[hall]! - 1]! - 1)
  let sum = 0
  let ratio = 1
  for (const feeder of pathOf(view, layout.firstChild[layout.firstChild[hall]!]!)) {
    if (above.includes(feeder)) sum += ratio * (price[feeder]! + drawPrice[feeder]!)
    ratio *= ratioPer10k[feeder]! / RATIO_ONE
  }
  return sum
}

/** Feeders from a rack's leaf up to its root. */
function pathOf({ layout }: State, rackDomain: number): number[] {
  const path: number[] = []
  const leaf = layout.feederOfRack[layout.place[rackDomain]!]!
  for (let at = leaf; at >= 0; at = layout.feederParent[at]!) path.push(at)
  return path
}
