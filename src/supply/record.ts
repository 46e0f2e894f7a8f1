import {
  CALLS_MOST, UNIT, type MixNumbers, type SupplyNumbers,
} from '../model/supply-record.ts'
import type { FlowState } from './flow-state.ts'
import type { MixState } from './piece.ts'
import type { Source } from './source.ts'
import type { StoreState } from './store-state.ts'

/** A mix as numbers, and back: all that decides how it goes on is among them. */

/** What a mix is now; what trips later is known to nobody, so it is not in it. O(units). */
export function numbersOf(state: MixState, sources: readonly Source[]): MixNumbers {
  const { balance } = state
  const { interval, totals } = balance
  return {
    isKnown: 1, nowMs: state.nowMs, demandW: state.demandW, mayDrawW: state.mayDrawW,
    nextStepMs: state.nextStepMs, steepestW: state.steepestW, beyondRampW: state.beyondRampW,
    startedMs: balance.startedMs, heldWms: balance.heldWms, lossesWms: interval.lossesWms,
    drawnWms: interval.demandWms, unservedWms: interval.unservedWms,
    surplusWms: interval.surplusWms, monthEndMs: balance.monthEndMs, lossesJ: totals.lossesJ,
    drawnJ: totals.demandJ, unservedJ: totals.unservedJ, surplusJ: totals.surplusJ,
    demandChargeUsd: totals.demandChargeUsd,
    supplies: sources.map((source, supply) => {
      const flow = state.flows.findIndex((one) => one.flow === source)
      return flow >= 0 ? flowNumbers(state, flow, supply)
        : storeNumbers(state, state.stores.findIndex(({ store }) => store === source), supply)
    }),
  }
}

const NOTHING: SupplyNumbers = {
  outputW: 0, targetW: 0, speedWPerMs: 0, on: 0, starts: 0, unitW: 0, peakW: 0, storedWms: 0,
  isLost: 0, lostUntilMs: 0, givenWms: 0, takenWms: 0, givenJ: 0, takenJ: 0, fuelJ: 0, usd: 0,
  calledYear: 0, calledMs: 0, units: [], calls: [],
}

function flowNumbers(state: MixState, at: number, supply: number): SupplyNumbers {
  const { outputW, targetW, speedWPerMs, on, starts, unitW, phase, changeMs, ceilings }
    = state.flows[at]!
  const { totals, interval, peaksW } = state.balance
  const called = state.called.find((one) => one.supply === supply)
  return {
    ...NOTHING, outputW, targetW, speedWPerMs, on, starts, unitW, peakW: peaksW[at]!,
    givenWms: interval.flowsWms[at]!, givenJ: totals.flowsJ[at]!, fuelJ: totals.fuelJ[at]!,
    usd: totals.usd[at]!, calledYear: called?.year ?? 0, calledMs: called?.calledMs ?? 0,
    units: Array.from(phase, (each, unit) => ({ phase: each, changeMs: changeMs[unit]! })),
    calls: ceilings.map((one) => ({ ...one })),
  }
}

function storeNumbers(state: MixState, at: number, supply: number): SupplyNumbers {
  const { storedWms, isLost } = state.stores[at]!
  const { totals, interval } = state.balance
  return {
    ...NOTHING, storedWms, isLost: isLost ? 1 : 0,
    lostUntilMs: state.lostStores.find(({ index }) => index === supply)?.untilMs ?? 0,
    givenWms: interval.givenWms[at]!, takenWms: interval.takenWms[at]!,
    givenJ: totals.givenJ[at]!, takenJ: totals.takenJ[at]!,
    usd: totals.usd[state.flows.length + at]!,
  }
}

/** Puts a new mix of the same supplies to where another stood. O(units). */
export function takeNumbers(
  state: MixState, sources: readonly Source[], from: MixNumbers): void {
  const { balance } = state
  const { interval, totals } = balance
  const { nowMs, demandW, mayDrawW, nextStepMs, steepestW, beyondRampW } = from
  Object.assign(state, { nowMs, demandW, mayDrawW, nextStepMs, steepestW, beyondRampW })
  const { startedMs, heldWms, monthEndMs } = from
  Object.assign(balance, { startedMs, heldWms, monthEndMs })
  interval.lossesWms = from.lossesWms
  interval.demandWms = from.drawnWms
  interval.unservedWms = from.unservedWms
  interval.surplusWms = from.surplusWms
  totals.lossesJ = from.lossesJ
  totals.demandJ = from.drawnJ
  totals.unservedJ = from.unservedJ
  totals.surplusJ = from.surplusJ
  totals.demandChargeUsd = from.demandChargeUsd
  const edges = new Set<number>()
  sources.forEach((source, supply) => {
    const numbers = from.supplies[supply]!
    const flow = state.flows.findIndex((one) => one.flow === source)
    if (flow >= 0) takeFlow(state, flow, numbers)
    else takeStore(state, state.stores.findIndex(({ store }) => store === source), numbers)
    for (const { fromMs, untilMs } of numbers.calls) edges.add(fromMs).add(untilMs)
    if (numbers.isLost === 1) {
      state.lostStores = [...state.lostStores, { index: supply, untilMs: numbers.lostUntilMs }]
    }
    if (numbers.calledMs > 0) {
      state.called = [...state.called,
        { supply, year: numbers.calledYear, calledMs: numbers.calledMs }]
    }
  })
  // An edge that is due is a decision by now, or is one at `nextStepMs`.
  state.edgesMs = [...edges].filter((atMs) => atMs > nowMs).sort((a, b) => a - b)
}

function takeFlow(state: MixState, at: number, numbers: SupplyNumbers): void {
  const one: FlowState = state.flows[at]!
  const { outputW, targetW, speedWPerMs, on, starts, unitW, units, calls } = numbers
  Object.assign(one, { outputW, targetW, speedWPerMs, on, starts, unitW })
  one.ceilings = calls.slice(0, CALLS_MOST).map((each) => ({ ...each }))
  units.forEach(({ phase, changeMs }, unit) => {
    one.phase[unit] = phase
    one.changeMs[unit] = changeMs
  })
  const { totals, interval, peaksW } = state.balance
  peaksW[at] = numbers.peakW
  interval.flowsWms[at] = numbers.givenWms
  totals.flowsJ[at] = numbers.givenJ
  totals.fuelJ[at] = numbers.fuelJ
  totals.usd[at] = numbers.usd
}

function takeStore(state: MixState, at: number, numbers: SupplyNumbers): void {
  const one: StoreState = state.stores[at]!
  one.storedWms = numbers.storedWms
  one.isLost = numbers.isLost === 1
  const { totals, interval } = state.balance
  interval.givenWms[at] = numbers.givenWms
  interval.takenWms[at] = numbers.takenWms
  totals.givenJ[at] = numbers.givenJ
  totals.takenJ[at] = numbers.takenJ
  totals.usd[state.flows.length + at] = numbers.usd
}

/** Lost units and stores stay so, as for whoever does not know when they come back. */
export function withoutReturns(numbers: MixNumbers): MixNumbers {
  return { ...numbers, supplies: numbers.supplies.map((one) => ({
    ...one, lostUntilMs: one.isLost === 1 ? Infinity : 0,
    units: one.units.map((unit) => unit.phase === UNIT.lost ? { ...unit, changeMs: Infinity }
      : unit),
  })) }
}
