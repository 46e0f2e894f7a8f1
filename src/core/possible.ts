import { fit } from './fit.ts'
import type { PowerNeed } from './headroom.ts'
import type { Layout } from './layout.ts'
import { isAmple } from './ledger.ts'
import type { Shape } from './shape.ts'
import { createState, type State } from './state.ts'

/** Most answers that are kept: users ask for few shapes; a stranger must not fill the memory. */
const ANSWERS_MOST = 10_000

/** An empty factory and what was asked of it. */
type Empty = { readonly state: State, readonly answers: Map<string, boolean> }

const empties = new WeakMap<Layout, Empty>()
const soldOver = new WeakMap<Layout, Empty>()

/** Watts of one device above idle at the least at which it can start. */
export type LeastNeed = {
  readonly chargeW: number
  /** Where limits are sold over and so hold for draw: what it draws then, and can be held to. */
  readonly drawn?: Pick<PowerNeed, 'floorW' | 'drawW' | 'sdW'> | undefined
}

/**
 * Whether a gang whose nodes the level has would start if the factory were empty. One that would
 * not waits for ever, and all others behind it. Where watts are plainly enough, counting nodes is;
 * else it is a search once for each shape, and one empty state for each plant.
 */
export function isPossible(
  layout: Layout, pool: number, shape: Shape, level: number,
  { chargeW, drawn }: LeastNeed = layout.pools[pool]!): boolean {
  const { system } = layout.pools[pool]!
  const { whole, parts, partDevices, partCpus, partMemoryGiB } = shape
  const devices = whole * system.gpus + parts * partDevices
  const { feederLimitW, idleGrantW } = layout
  const at = layout.pools[pool]!
  const isGranted = drawn === undefined
  if (isGranted && isAmple(feederLimitW, idleGrantW, at, chargeW, devices, whole + parts)) {
    return true
  }
  const { floorW, drawW, sdW } = drawn ?? { floorW: chargeW, drawW: 0, sdW: 0 }
  const { state, answers } = emptyOf(layout, isGranted)
  const key = [pool, level, whole, parts, partDevices, partCpus, partMemoryGiB, chargeW, floorW,
    drawW, sdW].join(' ')
  const known = answers.get(key)
  if (known !== undefined) return known
  if (answers.size >= ANSWERS_MOST) answers.clear()
  const power = { chargeW, floorW, drawW, sdW, stepW: drawW, untilMs: 0 }
  const search = { pool, shape, level, closed: [], power, isSpread: false }
  const answer = 'placement' in fit(state, search)
  answers.set(key, answer)
  return answer
}

/** An empty factory in which limits hold for what is granted, or are sold over. */
function emptyOf(layout: Layout, isGranted: boolean): Empty {
  const known = isGranted ? empties : soldOver
  let empty = known.get(layout)
  if (empty === undefined) {
    empty = { state: createState(layout.plant, !isGranted), answers: new Map() }
    known.set(layout, empty)
  }
  return empty
}

/** Devices of the largest gang that an empty factory would start: whole nodes, else a part. */
export function largestPossible(layout: Layout, pool: number, level: number): number {
  const { levels, system } = layout.pools[pool]!
  const none = { whole: 0, parts: 0, partDevices: 0, partCpus: 0, partMemoryGiB: 0 }
  let least = 0
  let most = level === 0 ? 1 : levels[level - 1]!.mostNodes
  while (least < most) {
    const whole = Math.ceil((least + most) / 2)
    if (isPossible(layout, pool, { ...none, whole }, level)) least = whole
    else most = whole - 1
  }
  if (least > 0) return least * system.gpus
  let devices = system.gpus - 1
  const isPart = (partDevices: number) =>
    isPossible(layout, pool, { ...none, parts: 1, partDevices }, level)
  while (devices > 0 && !isPart(devices)) devices--
  return Math.max(0, devices)
}
