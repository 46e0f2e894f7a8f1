import { assert } from '../base/assert.ts'
import { UNIT } from '../model/supply-record.ts'
import type { Moment } from './moment.ts'
import type { Flow } from './source.ts'

/** A limit of a flow for a while: a call of the grid, known from its notice on. */
export type Ceiling = {
  readonly fromMs: number
  readonly untilMs: number
  readonly limitW: number
}

/** One flow as it is: what it gives, where it goes, and its units. */
export type FlowState = {
  readonly flow: Flow
  outputW: number
  targetW: number
  /** Watts a millisecond towards the target, at least 0; Infinity for at once. */
  speedWPerMs: number
  /** Units that take load now. */
  on: number
  /** By unit: off, starting, on or lost, and the earliest moment at which that can change. */
  readonly phase: Uint8Array
  readonly changeMs: Float64Array
  /** Starts that were ordered so far. */
  starts: number
  /** Most of one unit in the present conditions. */
  unitW: number
  ceilings: readonly Ceiling[]
}

const { off: OFF, starting: STARTING, on: ON, lost: LOST } = UNIT

/** A flow that gives `outputW` from the beginning, with no more units on than that takes. */
export function newFlow(
  flow: Flow, atMs: number, outputW: number, units: number, moment: Moment): FlowState {
  const unitW = flow.unitW(moment)
  const on = flow.startMs === 0 ? flow.units : units
  assert(outputW <= on * unitW * (1 + 1e-12), `${flow.name} begins within its limit`)
  const phase = new Uint8Array(flow.units).fill(ON, 0, on)
  return { flow, outputW, targetW: outputW, speedWPerMs: 0, on, phase, starts: 0, unitW,
    changeMs: new Float64Array(flow.units).fill(atMs), ceilings: [] }
}

export function copyFlow(state: FlowState): FlowState {
  return { ...state, phase: state.phase.slice(), changeMs: state.changeMs.slice() }
}

/** Watts a millisecond that it can rise, and fall, with the units that are on. */
export function riseWPerMs({ flow, on }: FlowState): number {
  return on === 0 ? 0 : on * flow.riseWPerMs
}

export function fallWPerMs({ flow, on }: FlowState): number {
  return on === 0 ? 0 : on * flow.fallWPerMs
}

/** Most watts now: units that are on, under the ceilings in force. */
export function limitW(state: FlowState, atMs: number): number {
  return Math.min(state.on * state.unitW, ceilingW(state, atMs))
}

/** The lowest ceiling in force at a moment; Infinity where there is none. O(ceilings). */
export function ceilingW(state: FlowState, atMs: number): number {
  let least = Infinity
  for (const { fromMs, untilMs, limitW: watts } of state.ceilings) {
    if (fromMs <= atMs && atMs < untilMs && watts < least) least = watts
  }
  return least
}

/** Units that are on, that start, or that may be started now. O(units). */
export function usableUnits(state: FlowState, atMs: number): number {
  let units = 0
  for (let unit = 0; unit < state.phase.length; unit++) {
    const phase = state.phase[unit]
    if (phase === ON || phase === STARTING || (phase === OFF && state.changeMs[unit]! <= atMs)) {
      units++
    }
  }
  return units
}

/** Units that are on and have not run for their least time. O(units). */
export function boundUnits({ phase, changeMs }: FlowState, atMs: number): number {
  let units = 0
  for (let unit = 0; unit < phase.length; unit++) {
    if (phase[unit] === ON && changeMs[unit]! > atMs) units++
  }
  return units
}

/** Units that take load, or will by themselves. O(units). */
function committedUnits(state: FlowState): number {
  let units = 0
  for (let unit = 0; unit < state.phase.length; unit++) {
    if (state.phase[unit] === ON || state.phase[unit] === STARTING) units++
  }
  return units
}

/**
 * Orders units to start or stop so that `wanted` are on. Stops only units that have run for their
 * least time and whose watts the others carry; what cannot be done now is for a later call.
 */
export function orderUnits(state: FlowState, wanted: number, atMs: number): void {
  const { flow, phase, changeMs } = state
  if (flow.startMs === 0) return
  let committed = committedUnits(state)
  for (let unit = 0; unit < phase.length && committed < wanted; unit++) {
    if (phase[unit] !== OFF || changeMs[unit]! > atMs) continue
    phase[unit] = STARTING
    changeMs[unit] = atMs + flow.startMs
    state.starts++
    committed++
  }
  for (let unit = phase.length - 1; unit >= 0 && committed > wanted; unit--) {
    if (phase[unit] !== ON || changeMs[unit]! > atMs) continue
    if (state.outputW > (state.on - 1) * state.unitW) break
    phase[unit] = OFF
    changeMs[unit] = atMs + flow.leastDownMs
    state.on--
    committed--
  }
}

/** Units whose start, or whose loss, is over. O(units). */
export function arrive(state: FlowState, atMs: number): void {
  const { flow, phase, changeMs } = state
  for (let unit = 0; unit < phase.length; unit++) {
    if (changeMs[unit]! > atMs) continue
    if (phase[unit] === STARTING || (phase[unit] === LOST && flow.startMs === 0)) {
      phase[unit] = ON
      changeMs[unit] = atMs + flow.leastUpMs
      state.on++
    } else if (phase[unit] === LOST) phase[unit] = OFF
  }
}

/** The next moment at which `arrive` has something to do; Infinity for none. O(units). */
export function nextArrivalMs(state: FlowState): number {
  let next = Infinity
  for (let unit = 0; unit < state.phase.length; unit++) {
    const phase = state.phase[unit]
    if (phase === STARTING || phase === LOST) next = Math.min(next, state.changeMs[unit]!)
  }
  return next
}

/** Units trip, those that are on first: their watts are gone at once. */
export function tripUnits(state: FlowState, units: number, untilMs: number): void {
  const { phase, changeMs } = state
  let left = units
  const before = state.on
  for (const from of [ON, STARTING, OFF]) {
    for (let unit = 0; unit < phase.length && left > 0; unit++) {
      if (phase[unit] !== from) continue
      phase[unit] = LOST
      changeMs[unit] = untilMs
      left--
      if (from === ON) state.on--
    }
  }
  if (before > 0) state.outputW *= state.on / before
}

/**
 * Most watts at a later moment if everything is asked of it from now on: units that are on rise
 * from what they give, others start first; what is lost is not counted on. `firmW` is what one
 * unit may be counted with then. O(units).
 */
export function reachW(
  state: FlowState, nowMs: number, atMs: number, unitW: number, firmW: number): number {
  const { flow, phase, changeMs } = state
  const rise = flow.riseWPerMs
  const risen = (ms: number) => ms < 0 ? 0 : rise === Infinity ? firmW : Math.min(firmW, rise * ms)
  let watts = state.on === 0 ? 0 : Math.min(state.on * Math.min(firmW, unitW), rise === Infinity
    ? Infinity : state.outputW + state.on * rise * (atMs - nowMs))
  for (let unit = 0; unit < phase.length; unit++) {
    const from = changeMs[unit]!
    if (phase[unit] === STARTING) watts += risen(atMs - from)
    else if (phase[unit] === OFF) {
      watts += risen(atMs - Math.max(nowMs, from) - flow.startMs)
    }
  }
  return Math.min(watts, ceilingW(state, atMs))
}
