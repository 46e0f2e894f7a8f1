import { RATIO_ONE } from '../model/power.ts'
import type { FactoryDocument } from '../model/schema.ts'
import type { Group } from './groups.ts'
import type { Layout } from './layout.ts'
import { wattsOf } from './problem.ts'
import type { Path } from './problem.ts'

/** A feeder while the tree is still being put together. One for each rack: all of one shape. */
export type Segment = {
  readonly kind: 'site' | 'hall' | 'row' | 'rack' | 'declared'
  /** As people write it within its site. */
  readonly name: string
  readonly site: number
  /** What stands above it where no declared feeder comes between. */
  readonly home: Segment | undefined
  parent: Segment | undefined
  /** Place in the tree, parents first; -1 before it has one. */
  index: number
  readonly limitW: number | undefined
  /** What its limit is written in, and under which key. */
  readonly path: Path
  readonly limitKey: string
  readonly baseW: number
  readonly ratioPer10k: number
  /** What jobs may be charged here directly: the range of a rack's devices, else 0. */
  readonly rangeW: number
}

/**
 * Sites, halls, rows and racks, each fed by what it stands in. `suppliedW` is the limit of a site
 * that says none but names its supplies.
 */
export function naturalTree(
  document: FactoryDocument, layout: Layout, suppliedW: readonly (number | undefined)[],
): Segment[] {
  const sites = layout.sites.map(({ name, path }, site) => ({
    ...segment('site', name, site, undefined),
    path,
    limitW: wattsOf(document.sites[site]!.limit, suppliedW[site]),
    limitKey: document.sites[site]!.limit === undefined && suppliedW[site] !== undefined
      ? 'supplies' : 'limit',
    baseW: wattsOf(document.sites[site]!.base, 0),
  }))
  const halls = layout.halls.map(({ name, site, path, limitW, baseW, cooling }) => ({
    ...segment('hall', name, site, sites[site]),
    path,
    limitW,
    baseW,
    ratioPer10k: Math.round(cooling * RATIO_ONE),
  }))
  const rows = layout.rows.map(({ name, hall, group }) => ({
    ...segment('row', name, halls[hall]!.site, halls[hall]),
    path: group.path,
    limitKey: 'rowLimit',
    limitW: group.rowLimitW,
  }))
  const racks = layout.racks.map(({ name, row, group, firstNode, endNode }) => ({
    ...segment('rack', name, rows[row]!.site, rows[row]),
    path: group.path,
    limitKey: 'rackLimit',
    limitW: group.rackLimitW,
    baseW: rackBaseW(group, endNode - firstNode),
    rangeW: (endNode - firstNode) * nodeRangeW(group),
  }))
  return [...sites, ...halls, ...rows, ...racks]
}

/** A segment without limit, base or loss, that hangs from its home. */
export function segment(
  kind: Segment['kind'], name: string, site: number, home: Segment | undefined,
): Segment {
  return {
    kind,
    name,
    site,
    home,
    parent: home,
    index: -1,
    limitW: undefined,
    path: [],
    limitKey: 'limit',
    baseW: 0,
    ratioPer10k: RATIO_ONE,
    rangeW: 0,
  }
}

/**
 * What a rack carries before any job is charged: its overhead, its devices idle, and the rest of
 * its nodes at their rating. A job is charged the range of its devices, from idle to rated. Rounded
 * up once a rack: a watt a node would be 6.6 kW of Frontier.
 */
function rackBaseW(group: Group, nodes: number): number {
  const { ratedW, rackOverheadW } = group.system.numbers
  return Math.ceil(nodes * (ratedW.value - nodeRangeW(group)) + rackOverheadW.value)
}

function nodeRangeW(group: Group): number {
  return group.system.numbers.gpus.value * (group.deviceRatedW - group.deviceIdleW)
}
