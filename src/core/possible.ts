import { fit } from './fit.ts'
import type { Layout } from './layout.ts'
import { isAmple } from './ledger.ts'
import type { Shape } from './shape.ts'
import { createState, type State } from './state.ts'

/** Most answers that are kept: users ask for few shapes; a stranger must not fill the memory. */
const ANSWERS_MOST = 10_000

/** An empty factory and what was asked of it. */
type Empty = { readonly state: State, readonly answers: Map<string, boolean> }

const empties = new WeakMap<Layout, Empty>()

/**
 * Whether a gang whose nodes the level has would start if the factory were empty. One that would
 * not waits for ever, and all others behind it. Where watts are plainly enough, counting nodes is;
 * else it is a search once for each shape, and one empty state for each plant.
 */
export function isPossible(
  layout: Layout, pool: number, shape: Shape, level: number,
  chargeW = layout.pools[pool]!.chargeW): boolean {
  const { system } = layout.pools[pool]!
  const { whole, parts, partDevices, partCpus, partMemoryGiB } = shape
  const devices = whole * system.gpus + parts * partDevices
  const { feederLimitW, idleGrantW } = layout
  const at = layout.pools[pool]!
  if (isAmple(feederLimitW, idleGrantW, at, chargeW, devices, whole + parts)) return true
  let empty = empties.get(layout)
  if (empty === undefined) {
    empty = { state: createState(layout.plant), answers: new Map() }
    empties.set(layout, empty)
  }
  const { state, answers } = empty
  const key = [pool, level, whole, parts, partDevices, partCpus, partMemoryGiB, chargeW].join(' ')
  const known = answers.get(key)
  if (known !== undefined) return known
  if (answers.size >= ANSWERS_MOST) answers.clear()
  const power = { chargeW, floorW: chargeW, drawW: 0, sdW: 0, stepW: 0, untilMs: 0 }
  const search = { pool, shape, level, closed: [], power, isSpread: false }
  const answer = 'placement' in fit(state, search)
  answers.set(key, answer)
  return answer
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
