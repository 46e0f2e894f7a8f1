import { assert } from '../base/assert.ts'
import { fromHours, fromMinutes, joulesOf } from '../base/units.ts'
import type { Supply } from '../model/supply.ts'
import { CALLS_MOST, type MixNumbers } from '../model/supply-record.ts'
import { inForceAt, type TimeSeries } from '../model/time-series.ts'
import { Balance, SETTLED_EACH_MS, type Totals } from './balance.ts'
import { callProblems } from './contract.ts'
import { setTargets, wantedUnits } from './control.ts'
import {
  arrive, copyFlow, newFlow, nextArrivalMs, orderUnits, tripUnits, type FlowState,
} from './flow-state.ts'
import { sourceOf } from './index.ts'
import { momentAt, type Conditions } from './moment.ts'
import { runPiece, type MixState } from './piece.ts'
import { reachedW } from './reach.ts'
import { numbersOf, takeNumbers } from './record.ts'
import type { Flow, Source, Store } from './source.ts'
import { storeWishW } from './store-plan.ts'
import { sustainedW, type StoreState } from './store-state.ts'

export type MixOptions = {
  readonly atMs: number
  /** What the site draws at the beginning; the cheapest mix gives it from the start. */
  readonly demandW: number
  readonly isIslanded?: boolean
  readonly conditions?: Conditions
  /** Between two decisions; a change of the demand, of a unit or of a limit is one too. */
  readonly stepMs?: number
  /** Largest step of the draw that the stores are kept able to take; without it, all of it. */
  readonly crashW?: number
  /** What the site is expected to draw, so that units start in time; without it, as now. */
  readonly expectedW?: TimeSeries
  /** Where the supplies of such a site stood; then `atMs` and `demandW` are those of it. */
  readonly from?: MixNumbers
}

type SupplyAccount = Readonly<Record<'givenJ' | 'takenJ' | 'fuelJ' | 'usd' | 'starts', number>>

/**
 * The supplies of a site as they run: `demand` and `advance` move it on in time, and what it could
 * give is `availableW`. Between decisions all is linear in time and exact, and costs O(supplies).
 */
export class SupplyMix {
  /** By supply of the site. */
  readonly sources: readonly Source[]
  private readonly supplies: readonly Supply[]
  private state: MixState
  private readonly islanded: boolean
  private readonly conditions: Conditions
  private readonly hasMarket: boolean
  private readonly stepMs: number
  private readonly crashW: number | undefined
  private readonly expectedW: TimeSeries | undefined

  constructor(supplies: readonly Supply[], options: MixOptions) {
    const { atMs, demandW, conditions = {}, stepMs = fromMinutes(5) } = options
    this.supplies = supplies
    this.sources = supplies.map(sourceOf)
    this.islanded = options.isIslanded ?? !supplies.some(({ type }) => type === 'grid')
    this.conditions = conditions
    this.hasMarket = supplies.some((one) => one.type === 'grid' && one.isMarket)
    this.stepMs = stepMs
    this.crashW = options.crashW
    this.expectedW = options.expectedW
    const moment = momentAt(conditions, atMs)
    const stores = this.sources.filter((one): one is Store => one.role === 'store')
      .map((store) => ({ store, storedWms: store.startWms, isLost: false }))
    const flows = this.sources.filter((one): one is Flow => one.role === 'flow')
      .map((flow) => newFlow(flow, atMs, 0, 0, moment))
    const held = stores.reduce((sum, { storedWms }) => sum + storedWms, 0)
    const balance = new Balance(
      atMs, flows.map(({ flow }) => flow.usdPerWMonth), stores.length, held)
    this.state = { nowMs: atMs, demandW, moment, flows, stores, balance, steepestW: 0,
      beyondRampW: 0, nextStepMs: atMs, mayDrawW: 0, edgesMs: [], called: [], outages: [],
      lostStores: [] }
    if (options.from === undefined) this.begin()
    else takeNumbers(this.state, this.sources, options.from)
  }

  /** All that is known of it now: another goes on `from` there as this one would. */
  numbers(): MixNumbers {
    return numbersOf(this.state, this.sources)
  }

  /** Goes on to a moment. O(supplies) for each decision and corner on the way. */
  advance(toMs: number): void {
    const { state } = this
    assert(toMs >= state.nowMs, 'supplies go forward in time')
    while (state.nowMs < toMs) {
      if (state.nowMs >= state.nextStepMs) this.decide()
      const settleMs = state.balance.startedMs + SETTLED_EACH_MS
      const endMs = Math.min(toMs, this.state.nextStepMs, settleMs)
      while (state.nowMs < endMs) runPiece(state, endMs)
      if (state.nowMs >= settleMs) state.balance.settle(state.nowMs, this.heldWms())
    }
  }

  /** The draw of the site from a moment on. Its sources follow; a store takes the difference. */
  demand(atMs: number, watts: number): void {
    this.advance(atMs)
    if (watts === this.state.demandW) return
    this.state.demandW = watts
    this.state.nextStepMs = atMs
  }

  /**
   * What the site may come to draw: from the next decision on units are kept on for what of it the
   * stores could not give until others have started.
   */
  expect(watts: number): void {
    this.state.mayDrawW = watts
  }

  /**
   * Watts that the draw may have reached at a moment, if it grows no faster than the sources can
   * follow from now on, and that can then be held for `forMs`: what is on rises by its ramp, what
   * is off starts, calls that are known bind, and a store gives what it can for all of that time.
   * An islanded site may lose its largest unit. Whole. O(supplies x units).
   */
  availableW(atMs: number, forMs: number = SETTLED_EACH_MS): number {
    return Math.floor(sustainedW(this.state.stores, forMs)
      + reachedW(this.state, this.conditions, { atMs, forMs, isElastic: false,
        hasReserve: this.islanded }))
  }

  /**
   * The same without its stores, and with grids whole: how fast a grid may rise is a rule of its
   * utility, which stores keep, and no bound of what it can give. The reserve of an island is kept
   * where `hasReserve`. Whole. O(supplies x units).
   */
  flowsW(atMs: number, forMs: number, hasReserve: boolean = this.islanded): number {
    return Math.floor(reachedW(this.state, this.conditions,
      { atMs, forMs, isElastic: true, hasReserve }))
  }

  /** What all stores that are there can give, in watts, and in watt-milliseconds from now on. */
  storedNow(): { readonly dischargeW: number, readonly wattMs: number } {
    const there = this.state.stores.filter(({ isLost }) => !isLost)
    return {
      dischargeW: there.reduce((sum, { store }) => sum + store.dischargeW, 0),
      wattMs: there.reduce((sum, { store, storedWms }) =>
        sum + Math.max(0, storedWms - store.leastWms) * store.keptRatio, 0),
    }
  }

  /** A supply, or some of its units, trips without a warning; the units are back at `untilMs`. */
  lose(supply: number, fromMs: number, untilMs: number, units?: number): void {
    const source = this.sources[supply]!
    assert(fromMs >= this.state.nowMs && untilMs > fromMs, `${source.name} is lost from now on`)
    const all = source.role === 'flow' ? source.units : 1
    const outage = { index: supply, fromMs, untilMs, units: units ?? all }
    this.state.outages = [...this.state.outages, outage]
      .sort((a, b) => a.fromMs - b.fromMs || a.index - b.index)
    this.mark(fromMs)
  }

  /**
   * The grid calls: from now on it is known that no more than `limitW` may flow for a while. It is
   * followed in any case; returns what its contract does not allow of it.
   */
  curtail(supply: number, fromMs: number, untilMs: number, limitW: number): readonly string[] {
    const flow = this.flowOf(supply)
    assert(fromMs >= this.state.nowMs && untilMs > fromMs,
      `${flow.flow.name} is called from now on`)
    const open = flow.ceilings.filter((one) => one.untilMs > this.state.nowMs)
    if (open.length >= CALLS_MOST) {
      return [`${flow.flow.name} has ${open.length} calls open already, as many as are kept; one `
        + 'more is not followed']
    }
    flow.ceilings = [...open, { fromMs, untilMs, limitW }]
    this.mark(fromMs, untilMs)
    this.state.nextStepMs = this.state.nowMs
    const contract = this.supplies[supply]!
    if (contract.type !== 'grid') return []
    const year = Math.floor(fromMs / YEAR_MS)
    const called = this.state.called.find((one) => one.supply === supply && one.year === year)
    const noticeAtMs = this.state.nowMs
    const calledMs = called?.calledMs ?? 0
    this.state.called = [...this.state.called.filter((one) => one !== called),
      { supply, year, calledMs: calledMs + untilMs - fromMs }]
    return callProblems(contract, { noticeAtMs, fromMs, untilMs, limitW }, calledMs)
  }

  /** What will be at a moment if nothing changes: a copy that has gone there. */
  forecast(atMs: number): SupplyMix {
    const copied: SupplyMix = Object.create(SupplyMix.prototype)
    Object.assign(copied, this)
    const { flows, stores, balance } = this.state
    copied.state = { ...this.state, flows: flows.map(copyFlow),
      stores: stores.map((one) => ({ ...one })), balance: balance.copy() }
    copied.advance(atMs)
    return copied
  }

  get nowMs(): number {
    return this.state.nowMs
  }

  get demandW(): number {
    return this.state.demandW
  }

  /** Watts that a supply gives now; of a store only its energy is known: see `heldRatio`. */
  outputW(supply: number): number {
    return this.flowOf(supply).outputW
  }

  /** Watts that the stores give now, below 0 where they take. */
  storesW(): number {
    return this.state.flows.reduce((rest, { outputW }) => rest - outputW, this.state.demandW)
  }

  /** What a supply gave, took and started up to now; fuel and USD up to the last interval. */
  accountOf(supply: number): SupplyAccount {
    const { flows, stores, balance: { totals, interval } } = this.state
    const source = this.sources[supply]!
    const flow = flows.findIndex((one) => one.flow === source)
    if (flow >= 0) {
      return { givenJ: totals.flowsJ[flow]! + joulesOf(interval.flowsWms[flow]!), takenJ: 0,
        fuelJ: totals.fuelJ[flow]!, usd: totals.usd[flow]!, starts: flows[flow]!.starts }
    }
    const store = stores.findIndex((one) => one.store === source)
    return { givenJ: totals.givenJ[store]! + joulesOf(interval.givenWms[store]!),
      takenJ: totals.takenJ[store]! + joulesOf(interval.takenWms[store]!),
      fuelJ: 0, usd: totals.usd[flows.length + store]!, starts: 0 }
  }

  /** Decides at once where something happens now, as a loss, and not only on the way on from it. */
  look(): void {
    if (this.state.nowMs >= this.state.nextStepMs) this.decide()
  }

  /** Closes the open interval, so that the totals hold all. */
  settle(): void {
    const { state } = this
    if (state.nowMs > state.balance.startedMs) state.balance.settle(state.nowMs, this.heldWms())
  }

  /** State of charge of all stores together: 0 to 1. */
  heldRatio(): number {
    const most = this.state.stores.reduce((sum, { store }) => sum + store.mostWms, 0)
    return most === 0 ? 0 : this.heldWms() / most
  }

  /** Largest step of a grid that came at once, against its ramp. */
  get steepestW(): number {
    return this.state.steepestW
  }

  /** Sum of all such steps: 0 where the ramps were kept. */
  get beyondRampW(): number {
    return this.state.beyondRampW
  }

  /** Joules that were asked for and not there, up to now. */
  get unservedJ(): number {
    const { totals, interval } = this.state.balance
    return totals.unservedJ + joulesOf(interval.unservedWms)
  }

  /** Sums up to the last interval that was settled. */
  get totals(): Totals {
    return this.state.balance.totals
  }

  /** USD of all that was settled: energy, fuel, upkeep, wear and demand charges. */
  get usd(): number {
    const { totals } = this.state.balance
    return totals.usd.reduce((sum, one) => sum + one, totals.demandChargeUsd)
      + this.state.balance.monthUsd()
  }

  /** How far the open interval is from adding up, in watt-milliseconds (I11). */
  errorWms(): number {
    return this.state.balance.errorWms(this.heldWms())
  }

  /** The first mix: the cheapest that gives the demand, everything already where it belongs. */
  private begin(): void {
    const { state } = this
    const wanted = wantedUnits(state, { ...this.controlOf(0), stepMs: Infinity })
    state.flows.forEach((one, at) => {
      Object.assign(one, newFlow(one.flow, state.nowMs, 0, wanted[at]!, state.moment))
    })
    setTargets(state, wanted, state.demandW, Infinity)
    for (const one of state.flows) one.outputW = one.targetW
  }

  /** Reads the conditions, starts and stops units, and sets where each flow goes. */
  private decide(): void {
    const { state, conditions } = this
    const { nowMs } = state
    state.moment = momentAt(conditions, nowMs)
    for (const one of state.flows) {
      arrive(one, nowMs)
      one.unitW = one.flow.unitW(state.moment)
      if (one.ceilings.some(({ untilMs }) => untilMs <= nowMs)) {
        one.ceilings = one.ceilings.filter(({ untilMs }) => untilMs > nowMs)
      }
    }
    this.trip(nowMs)
    const wish = state.stores.length === 0 ? 0 : storeWishW(state,
      this.hasMarket ? conditions : {}, this.crashW ?? state.demandW, this.stepMs)
    const wanted = wantedUnits(state, this.controlOf(wish))
    state.flows.forEach((one, at) => orderUnits(one, wanted[at]!, nowMs))
    this.state.edgesMs = this.state.edgesMs.filter((edgeMs) => edgeMs > nowMs)
    const gridMs = (Math.floor(nowMs / this.stepMs) + 1) * this.stepMs
    this.state.nextStepMs = state.flows.reduce((next, one) => Math.min(next, nextArrivalMs(one)),
      Math.min(gridMs, this.state.edgesMs[0] ?? Infinity))
    for (const { untilMs } of state.lostStores) {
      state.nextStepMs = Math.min(state.nextStepMs, untilMs)
    }
    setTargets(state, wanted, state.demandW + wish, this.state.nextStepMs - nowMs)
  }

  private controlOf(wishW: number) {
    const { expectedW, conditions, islanded, stepMs } = this
    const bridgedW = sustainedW(this.state.stores, SETTLED_EACH_MS)
    const leastW = Math.max(this.state.demandW, this.state.mayDrawW - bridgedW)
    return {
      conditions,
      stepMs,
      hasReserve: islanded,
      // A store that gives does so for now; what is on must hold the demand without it.
      needAt: (atMs: number) => Math.max(0, wishW) + (expectedW === undefined
        ? leastW : Math.max(leastW, inForceAt(expectedW, atMs))),
      isFlat: expectedW === undefined,
    }
  }

  private trip(nowMs: number): void {
    while (this.state.outages.length > 0 && this.state.outages[0]!.fromMs <= nowMs) {
      const { index, untilMs, units } = this.state.outages[0]!
      this.state.outages = this.state.outages.slice(1)
      if (this.sources[index]!.role === 'flow') tripUnits(this.flowOf(index), units, untilMs)
      else {
        this.storeOf(index).isLost = true
        // One that is lost twice is back after the later.
        const before = this.state.lostStores.find((one) => one.index === index)
        this.state.lostStores = [...this.state.lostStores.filter((one) => one !== before),
          { index, untilMs: Math.max(untilMs, before?.untilMs ?? 0) }]
      }
    }
    for (const { index, untilMs } of this.state.lostStores) {
      if (untilMs <= nowMs) this.storeOf(index).isLost = false
    }
    this.state.lostStores = this.state.lostStores.filter(({ untilMs }) => untilMs > nowMs)
  }

  private mark(...atMs: readonly number[]): void {
    this.state.edgesMs = [...new Set([...this.state.edgesMs, ...atMs])].sort((a, b) => a - b)
    this.state.nextStepMs = Math.min(this.state.nextStepMs, atMs[0]!)
  }

  private flowOf(supply: number): FlowState {
    const source = this.sources[supply]!
    const found = this.state.flows.find(({ flow }) => flow === source)
    assert(found !== undefined, `${source.name} is no flow`)
    return found
  }

  private storeOf(supply: number): StoreState {
    return this.state.stores.find(({ store }) => store === this.sources[supply])!
  }

  private heldWms(): number {
    let sum = 0
    for (const { storedWms } of this.state.stores) sum += storedWms
    return sum
  }
}

const YEAR_MS = fromHours(8760)
