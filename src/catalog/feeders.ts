import { assert } from '../base/assert.ts'
import { divideUp } from '../base/math.ts'
import { formatPower } from '../base/units.ts'
import { RATIO_ONE } from '../model/power.ts'
import type { Feeder } from '../model/power.ts'
import type { FactoryDocument } from '../model/schema.ts'
import type { Plant } from '../model/site.ts'
import { addDeclared } from './declared.ts'
import type { Layout } from './layout.ts'
import { problem } from './problem.ts'
import type { Problem } from './problem.ts'
import { mostSuppliedW, type Powered } from './site-supplies.ts'
import { naturalTree } from './segments.ts'
import type { Segment } from './segments.ts'

export type FeederTree = {
  readonly feeders: readonly Feeder[]
  /** Root of each site, leaf of each rack. */
  readonly siteFeeder: readonly number[]
  readonly rackFeeder: readonly number[]
}

/**
 * The power tree: site, hall, row and rack, with the declared feeders between them. A feeder
 * without a limit gets its nameplate, which never binds; a site, what its supplies can give.
 * Undefined where its shape has problems. `isSized` says that the racks are what the file means, so
 * that limits can be judged.
 */
export function buildFeeders(
  document: FactoryDocument, layout: Layout, powered: readonly Powered[], isSized: boolean,
  problems: Problem[],
): FeederTree | undefined {
  const before = problems.length
  const suppliedW = powered.map((site) =>
    site.supplies === undefined ? undefined : mostSuppliedW(site))
  const segments = naturalTree(document, layout, suppliedW)
  document.sites.forEach((site, at) => {
    if (site.feeders !== undefined) addDeclared(segments, site.feeders, at, problems)
  })
  if (problems.length > before) return undefined
  const ordered = parentsFirst(segments)
  const feeders = toFeeders(ordered, layout)
  if (isSized) checkLimits(feeders, ordered, problems)
  const indexesOf = (kind: Segment['kind']) =>
    segments.flatMap((one) => one.kind === kind ? [one.index] : [])
  return { feeders, siteFeeder: indexesOf('site'), rackFeeder: indexesOf('rack') }
}

/**
 * Whole watts of each feeder, itself included, with nothing running and with every device at its
 * rating, by I5: base plus children, each converted and rounded up. `rangeW` is what jobs can be
 * charged at each feeder directly: at racks from idle to rated, elsewhere 0.
 */
export function feederLoads(
  feeders: readonly Pick<Feeder, 'parent' | 'baseW' | 'ratioPer10k'>[], rangeW: readonly number[],
): { idleW: number[]; ratedW: number[] } {
  const idleW = feeders.map((feeder) => feeder.baseW)
  const ratedW = feeders.map((feeder, at) => feeder.baseW + rangeW[at]!)
  for (let at = feeders.length - 1; at >= 0; at--) {
    const { parent, ratioPer10k } = feeders[at]!
    if (parent < 0) continue
    assert(parent < at, 'a parent comes before its children')
    idleW[parent] = idleW[parent]! + divideUp(idleW[at]! * ratioPer10k, RATIO_ONE)
    ratedW[parent] = ratedW[parent]! + divideUp(ratedW[at]! * ratioPer10k, RATIO_ONE)
  }
  return { idleW, ratedW }
}

/**
 * What each feeder carries, itself included, while every node is idle and on: less than its grants
 * with no job, in which hosts count at their rating, because nobody caps them. O(racks + feeders).
 */
export function idleDraws(plant: Plant): number[] {
  const idle = plant.feeders.map((feeder) => ({ ...feeder }))
  for (const rack of plant.racks) {
    const { gpus, deviceIdleW, deviceRatedW, nodeIdleW, nodeRatedW }
      = plant.systems[plant.pools[rack.pool]!.system]!
    const hostRangeW = nodeRatedW - nodeIdleW - gpus * (deviceRatedW - deviceIdleW)
    const feeder = idle[rack.feeder]!
    feeder.baseW = Math.ceil(feeder.baseW - (rack.endNode - rack.firstNode) * hostRangeW)
  }
  return feederLoads(idle, idle.map(() => 0)).idleW
}

/** Parents before children, siblings in the order of the file; rows that feed nothing left out. */
function parentsFirst(segments: readonly Segment[]): Segment[] {
  const children = new Map<Segment, Segment[]>()
  for (const one of segments) if (one.kind !== 'rack') children.set(one, [])
  for (const one of segments) if (one.parent !== undefined) children.get(one.parent)!.push(one)
  const ordered: Segment[] = []
  const open = segments.filter((one) => one.parent === undefined).toReversed()
  while (open.length > 0) {
    const next = open.pop()!
    const below = children.get(next) ?? NO_SEGMENTS
    // All racks of such a row hang from declared feeders.
    if (next.kind === 'row' && below.length === 0) continue
    next.index = ordered.push(next) - 1
    for (let at = below.length - 1; at >= 0; at--) open.push(below[at]!)
  }
  return ordered
}

const NO_SEGMENTS: readonly Segment[] = []

function toFeeders(ordered: readonly Segment[], layout: Layout): Feeder[] {
  const bare = ordered.map((one) => ({
    name: one.kind === 'site' ? one.name : layout.sites[one.site]!.prefix + one.name,
    parent: one.parent?.index ?? -1,
    limitW: one.limitW ?? -1,
    baseW: one.baseW,
    ratioPer10k: one.ratioPer10k,
  }))
  const { ratedW } = feederLoads(bare, ordered.map((one) => one.rangeW))
  bare.forEach((feeder, at) => { if (feeder.limitW < 0) feeder.limitW = ratedW[at]! })
  return bare
}

/** A limit below the draw of an empty plant could never be held (I4a). */
function checkLimits(
  feeders: readonly Feeder[], ordered: readonly Segment[], problems: Problem[],
): void {
  const { idleW, ratedW } = feederLoads(feeders, ordered.map((one) => one.rangeW))
  const complained = new Set<string>()
  feeders.forEach(({ name, limitW }, at) => {
    if (limitW >= idleW[at]!) return
    const path = [...ordered[at]!.path, ordered[at]!.limitKey]
    // One limit may stand for many racks or rows; one complaint will do.
    if (complained.has(path.join())) return
    complained.add(path.join())
    problems.push(problem(path, `the limit of ${name}, ${formatPower(limitW)}, is below what it `
      + `draws with no job running, ${formatPower(idleW[at]!)}; from that up to its rating, `
      + `${formatPower(ratedW[at]!)}, would do`))
  })
}
