import { unreachable } from '../base/assert.ts'
import { NONE } from '../base/id.ts'
import { perMegawatt, toSeconds } from '../base/units.ts'
import { SHARED } from '../core/holder.ts'
import { DOWN, DRAINED, type State } from '../core/state.ts'
import { PHASE, RATIO_ONE } from '../model/index.ts'

/**
 * What the page colours its floor by: one whole number for each device, in the order of the plant.
 * Written as runs, since neighbours are mostly alike: a job has whole nodes side by side.
 */
export const LENSES = ['phase', 'job', 'power', 'price', 'age', 'faults'] as const
export type Lens = (typeof LENSES)[number]

/** Values of the lens `phase`; the page draws the larger ones over the smaller where it shrinks. */
const FLOOR_PHASE = {
  idle: 0, running: 1, starting: 2, capped: 3, paused: 4, drained: 5, down: 6,
} as const

/** Values of the lens `faults`. */
const FLOOR_FAULT = { none: 0, drained: 1, down: 2 } as const

/** Age of data that was never read. */
const AGE_NEVER = 86_400

/** Runs of devices with one value: the value of each, and the device after its last one. */
export type FloorRuns = { readonly values: readonly number[], readonly ends: readonly number[] }

/** The floor through a lens. O(nodes), and devices of nodes that jobs share. */
export function floorOf(state: State, lens: Lens): FloorRuns {
  const { layout, tables } = state
  const { holder, flags } = tables.nodes
  const { firstDevice, rackOfNode } = layout
  const valueOf = lensOf(state, lens)
  const runs = new Runs()
  for (let node = 0; node < layout.plant.nodes; node++) {
    const end = firstDevice[node + 1]!
    const rack = rackOfNode[node]!
    if (holder[node] !== SHARED) {
      runs.add(valueOf(holder[node]!, flags[node]!, rack), end)
      continue
    }
    for (let device = firstDevice[node]!; device < end; device++) {
      runs.add(valueOf(tables.devices.job[device]!, flags[node]!, rack), device + 1)
    }
  }
  return runs
}

class Runs implements FloorRuns {
  readonly values: number[] = []
  readonly ends: number[] = []
  private last = -1
  private end = 0

  add(value: number, end: number): void {
    if (end === this.end) return
    this.end = end
    if (value === this.last) {
      this.ends[this.ends.length - 1] = end
      return
    }
    this.last = value
    this.values.push(value)
    this.ends.push(end)
  }
}

/** The value of a device by its job (or NONE), the flags of its node, and its rack. */
type ValueOf = (job: number, flags: number, rack: number) => number

function lensOf(state: State, lens: Lens): ValueOf {
  switch (lens) {
    case 'phase': return phaseOf(state)
    case 'job': {
      const { number } = state.tables.jobs
      return (job) => job === NONE ? 0 : number[job]!
    }
    case 'power': return shareOf(state)
    case 'price': return byRack(pricesOf(state))
    case 'age': return byRack(agesOf(state))
    case 'faults': return (_, flags) => (flags & DOWN) !== 0 ? FLOOR_FAULT.down
      : (flags & DRAINED) !== 0 ? FLOOR_FAULT.drained : FLOOR_FAULT.none
    default: return unreachable(lens)
  }
}

function byRack(values: Float64Array): ValueOf {
  return (_, __, rack) => values[rack]!
}

function phaseOf(state: State): ValueOf {
  const { phase, capW, pool } = state.tables.jobs
  const { pools } = state.layout
  const isPowered = state.totals.isPowered === 1
  return (job, flags) => {
    if ((flags & DOWN) !== 0) return FLOOR_PHASE.down
    if (job === NONE) return (flags & DRAINED) !== 0 ? FLOOR_PHASE.drained : FLOOR_PHASE.idle
    if (phase[job] === PHASE.starting) return FLOOR_PHASE.starting
    if (phase[job] === PHASE.suspended) return FLOOR_PHASE.paused
    const isCapped = isPowered && capW[job]! < pools[pool[job]!]!.system.deviceRatedW
    return isCapped ? FLOOR_PHASE.capped : FLOOR_PHASE.running
  }
}

/** Expected draw in hundredths of the rating; idle devices draw what they do without a program. */
function shareOf(state: State): ValueOf {
  const { drawW, pool } = state.tables.jobs
  const { pools, poolOfRack } = state.layout
  const isPowered = state.totals.isPowered === 1
  return (job, flags, rack) => {
    const { system, chargeW } = pools[job === NONE ? poolOfRack[rack]! : pool[job]!]!
    if ((flags & DOWN) !== 0 || system.deviceRatedW === 0) return 0
    const aboveW = job === NONE ? 0 : isPowered ? drawW[job]! : chargeW
    return Math.round(100 * (system.deviceIdleW + aboveW) / system.deviceRatedW)
  }
}

/** Devices at work that one more megawatt at a rack is worth: the prices above it, added up. */
function pricesOf({ layout, tables }: State): Float64Array {
  const { feederOfRack, feederParent } = layout
  const { price, drawPrice, ratioPer10k } = tables.feeders
  const found = new Float64Array(feederOfRack.length)
  for (let rack = 0; rack < found.length; rack++) {
    let sum = 0
    let ratio = 1
    for (let feeder = feederOfRack[rack]!; feeder >= 0; feeder = feederParent[feeder]!) {
      sum += (price[feeder]! + drawPrice[feeder]!) * ratio
      ratio *= ratioPer10k[feeder]! / RATIO_ONE
    }
    found[rack] = Math.round(perMegawatt(sum))
  }
  return found
}

/** Seconds since the nearest meter above a rack was read. */
function agesOf({ layout, tables, totals }: State): Float64Array {
  const { feederOfRack, feederParent } = layout
  const { meteredAtMs } = tables.feeders
  const found = new Float64Array(feederOfRack.length)
  for (let rack = 0; rack < found.length; rack++) {
    let feeder = feederOfRack[rack]!
    while (feeder >= 0 && meteredAtMs[feeder]! < 0) feeder = feederParent[feeder]!
    const ageS = feeder < 0 ? AGE_NEVER : toSeconds(totals.nowMs - meteredAtMs[feeder]!)
    found[rack] = Math.min(AGE_NEVER, Math.max(0, Math.floor(ageS)))
  }
  return found
}
