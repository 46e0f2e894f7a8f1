import type { Search } from './fit.ts'
import type { State } from './state.ts'

/** The part of a pool's topology that lies inside one of its domains. */

/** First and end domain of a level (its index in the pool) inside a domain; none above it. */
export function domainsIn(
  state: State, within: number, at: number): readonly [first: number, end: number] {
  const { layout } = state
  const { levels } = layout.pools[layout.domainPool[within]!]!
  const level = levels[at]!
  let first = within
  let last = within
  while (first >= level.endDomain) {
    first = layout.firstChild[first]!
    last = layout.endChild[last]! - 1
  }
  return first < level.firstDomain ? [first, first] : [first, last + 1]
}

/** First and end node of a domain; nodes of other pools may lie between them. O(levels). */
export function nodeRange(state: State, within: number): readonly [first: number, end: number] {
  const [first, end] = domainsIn(state, within, 0)
  return [state.layout.firstChild[first]!, state.layout.endChild[end - 1]!]
}

/**
 * The best domain of a level inside the domain of a search, of those that come after `after` (-1
 * for all): by free nodes as it packs or spreads, then by id. -1 where none has `need`. O(domains
 * of the level inside it).
 */
export function bestWithin(
  state: State, { within, isSpread }: Search, at: number, need: number, after: number): number {
  const { freeNodes } = state.tables.domains
  const [first, end] = domainsIn(state, within!, at)
  const sign = isSpread ? -1 : 1
  let best = -1
  for (let domain = first; domain < end; domain++) {
    const free = freeNodes[domain]!
    if (free < need) continue
    const ahead = after < 0 ? 1 : sign * (free - freeNodes[after]!) || domain - after
    if (ahead > 0 && (best < 0 || sign * (free - freeNodes[best]!) < 0)) best = domain
  }
  return best
}
