import type { Change } from './remedy-change.ts'
import type { Trials } from './remedy-trials.ts'
import type { State } from './state.ts'

/**
 * The same changes without those that are not needed, and each that has a size as small as will
 * do while the others stay. What comes in starts the job, and so does what comes out. Trials for
 * each change, as many as its size has bits.
 */
export function leastOf(
  state: State, job: number, changes: readonly Change[], trials: Trials): readonly Change[] {
  let least = [...changes]
  for (const change of changes) {
    const fewer = least.filter((each) => each !== change)
    if (fewer.length > 0 && trials.starts(state, job, fewer)) least = fewer
  }
  for (let pass = 0; pass < PASSES_MOST; pass++) {
    const before = JSON.stringify(least)
    for (let at = 0; at < least.length; at++) {
      const isEnough = (change: Change) => trials.starts(state, job, least.with(at, change))
      least = least.with(at, smaller(least[at]!, isEnough))
    }
    if (JSON.stringify(least) === before) break
  }
  return least
}

/** Passes over a list: policies choose otherwise when less is there, so a second may find more. */
const PASSES_MOST = 3

function smaller(change: Change, isEnough: (change: Change) => boolean): Change {
  switch (change.type) {
    case 'quota': return { ...change, by: leastNumber(change.by, (by) =>
      isEnough({ ...change, by })) }
    case 'limit': return { ...change, byW: leastNumber(change.byW, (byW) =>
      isEnough({ ...change, byW })) }
    case 'end': return { ...change, jobs: fewest(change.jobs, (jobs) =>
      isEnough({ ...change, jobs })) }
    case 'cap': return cappedLess(change, isEnough)
    case 'pause': return { ...change, jobs: fewest(change.jobs, (jobs) =>
      isEnough({ ...change, jobs })) }
    case 'delay': return { ...change, byMs: leastNumber(change.byMs, (byMs) =>
      isEnough({ ...change, byMs })) }
    case 'drop': return { ...change, limits: fewest(change.limits, (limits) =>
      isEnough({ ...change, limits })) }
    case 'clear': return { ...change, windows: fewest(change.windows, (windows) =>
      isEnough({ ...change, windows })) }
    case 'serve': {
      const nodes = nodesOfRanges(change.ranges)
      const count = leastNumber(nodes, (most) =>
        isEnough({ ...change, ranges: firstNodes(change.ranges, most) }))
      return { ...change, ranges: firstNodes(change.ranges, count) }
    }
    default: return change
  }
}

/** As few jobs as will do, each at the highest cap: those that lose most first. */
function cappedLess(
  change: Extract<Change, { type: 'cap' }>, isEnough: (change: Change) => boolean): Change {
  let caps = fewest(change.caps, (rest) => isEnough({ ...change, caps: rest }))
  for (let at = 0; at < caps.length; at++) {
    const { job, capW, mostW } = caps[at]!
    const byW = largestNumber(mostW - capW, (more) =>
      isEnough({ ...change, caps: caps.with(at, { job, mostW, capW: capW + more }) }))
    caps = caps.with(at, { job, mostW, capW: capW + byW })
  }
  return { ...change, caps }
}

/** The largest whole number up to `most` that is enough, where 0 is. */
function largestNumber(most: number, isEnough: (value: number) => boolean): number {
  return most - leastNumber(most, (less) => isEnough(most - less))
}

/** The least whole number that is enough, where `high` is; one less is not. */
function leastNumber(high: number, isEnough: (value: number) => boolean): number {
  // Most sizes are exact already.
  if (high <= 1 || !isEnough(high - 1)) return high
  let most = high - 1
  let low = 0
  while (most - low > 1) {
    const middle = Math.floor((low + most) / 2)
    if (isEnough(middle)) most = middle
    else low = middle
  }
  return most
}

/** Most members of a list for which it is tried whether the others would do. */
const MEMBERS_MOST = 16

function fewest<Member>(
  list: readonly Member[], isEnough: (rest: readonly Member[]) => boolean): readonly Member[] {
  let rest = list
  for (let pass = 0; pass < PASSES_MOST; pass++) {
    const before = rest
    for (const member of rest.slice(0, MEMBERS_MOST)) {
      const fewer = rest.filter((each) => each !== member)
      if (fewer.length > 0 && isEnough(fewer)) rest = fewer
    }
    if (rest === before) break
  }
  return rest
}

/** Nodes of ranges: first, end, first, end, … */
export function nodesOfRanges(ranges: readonly number[]): number {
  let nodes = 0
  for (let at = 0; at < ranges.length; at += 2) nodes += ranges[at + 1]! - ranges[at]!
  return nodes
}

function firstNodes(ranges: readonly number[], most: number): readonly number[] {
  const kept: number[] = []
  let left = most
  for (let at = 0; at < ranges.length && left > 0; at += 2) {
    const nodes = Math.min(left, ranges[at + 1]! - ranges[at]!)
    kept.push(ranges[at]!, ranges[at]! + nodes)
    left -= nodes
  }
  return kept
}
