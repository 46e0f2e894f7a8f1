import type { Layout } from '../../core/layout.ts'
import type { FaultClass } from '../../model/index.ts'
import { nodesBelow, type Fault } from './faults.ts'

/** Something that happens to a factory at a time, whoever is told of it. */
export type Happening =
  /** Everything below a feeder, or one node, is lost for `forMs`. */
  | { readonly type: 'feeder.lost', readonly atMs: number, readonly feeder: number
      readonly forMs: number }
  | { readonly type: 'node.lost', readonly atMs: number, readonly node: number
      readonly forMs: number }
  /** A feeder takes more or less of its parent: the weather, or another cooling. */
  | { readonly type: 'ratio', readonly atMs: number, readonly feeder: number
      readonly ratioPer10k: number }
  | { readonly type: 'meter.silent', readonly atMs: number, readonly feeder: number
      readonly untilMs: number }

/** The fault that such a loss is. */
export function faultOf(
  layout: Layout, lost: Extract<Happening, { type: 'feeder.lost' | 'node.lost' }>): Fault {
  const isNode = lost.type === 'node.lost'
  const faultClass: FaultClass = {
    name: isNode ? 'node' : 'feeder', ratePerHour: 0, unit: isNode ? 'node' : 'feeder',
    reach: isNode ? 'node' : 'feeder', repairMs: [lost.forMs, lost.forMs], slowRatio: 1,
  }
  const ranges = isNode ? [lost.node, lost.node + 1] : nodesBelow(layout, lost.feeder)
  return { class: faultClass, ranges, device: -1, repairMs: lost.forMs }
}
