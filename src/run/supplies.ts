import { formatEnergy, formatPower, fromHours, fromMinutes } from '../base/units.ts'
import { freeLimit } from '../core/limits.ts'
import type { State } from '../core/state.ts'
import { suppliesKnown, suppliesRead } from '../core/supply-cells.ts'
import type { Twin } from '../engines/twin/twin.ts'
import type {
  Event, Intent, LimitCourse, SuppliesRead, SupplyLost,
} from '../model/index.ts'
import { withoutReturns } from '../supply/record.ts'
import type { Intents } from './loop.ts'
import type { GridCall, Scenario } from './scenario.ts'
import type { RunSeries, Summary } from './summary.ts'
import { conditionsOf, knownBy } from './supply-conditions.ts'
import { coursesOf, isStale, limitsAhead } from './supply-limits.ts'
import { SupplySite } from './supply-site.ts'

/** How often supplies are dispatched and limits are looked at. */
const LOOK_MS = fromMinutes(5)

/** Where nothing runs for so long, and nothing is lost, nobody looks until a job runs. */
const REST_MS = fromHours(24)

/** A site, with what was told of its limit. */
type Told = {
  readonly one: SupplySite
  readonly feeder: number
  readonly plantW: number
  /** What the start of one more GPU may come to. */
  readonly gpuW: number
  /** Rows of the state's limits that it told. */
  rows: number[]
}

type Ask = { readonly told: Told, readonly course: LimitCourse } | { readonly clear: number }
  | { readonly read: Told }

export type SuppliesOptions = {
  readonly scenario?: Scenario | undefined
  /** Whether it looks ahead: then only what is known by now is so. */
  readonly isAhead?: boolean
}

/**
 * The supplies of the sites that name some: what is drawn is what they must give, and what they
 * can give is told as limits of the site's feeder, as far ahead as is known. How they stand is told
 * as well at each look, and is state; where the state has it already, they go on from there. Costs
 * nothing for other sites.
 */
export class Supplies implements Intents {
  private readonly state: State
  private readonly twin: Twin
  private readonly sites: readonly Told[]
  /** Moments at which something happens to a supply, rising; and calls that are not yet known. */
  private readonly edgesMs: number[]
  private readonly calls: GridCall[]
  private readonly lastEdgeMs: number
  private nextLookMs: number
  private lastRunMs: number
  private isDue = false
  private isHappening = false
  private asks: Ask[] = []
  private broken: string[] = []

  constructor(state: State, twin: Twin, options: SuppliesOptions = {}) {
    this.state = state
    this.twin = twin
    const { nowMs } = state.totals
    this.sites = siteNumbers(state).map((site) => toldOf(state, twin, site, options))
    const scenario = options.isAhead === true ? undefined : options.scenario
    const outages = scenario?.outages ?? []
    for (const { site, supply, units, fromMs, untilMs } of outages) {
      this.at(site)?.one.mix.lose(supply, fromMs, untilMs, units < 0 ? undefined : units)
    }
    this.calls = [...scenario?.calls ?? []].sort((a, b) => a.noticeAtMs - b.noticeAtMs)
    this.edgesMs = [...outages.flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]),
      ...this.calls.map(({ noticeAtMs }) => noticeAtMs)].sort((a, b) => a - b)
    this.lastEdgeMs = this.edgesMs.at(-1) ?? 0
    this.nextLookMs = this.sites.length === 0 ? Infinity : nowMs
    this.lastRunMs = nowMs
    // Where they go on, the draw may be another by now.
    for (const { one } of this.sites) one.draws(nowMs, twin.meter.facilityW[one.site]!)
  }

  peekAtMs(): number {
    const { nowMs } = this.state.totals
    if (this.isDue || this.asks.length > 0) return nowMs
    return Math.min(this.nextLookMs, this.edgesMs[0] ?? Infinity)
  }

  /** Whether something will happen by itself for which an empty factory should go on. */
  isOpen(): boolean {
    return this.state.totals.nowMs < this.lastEdgeMs
  }

  next(): Intent | undefined {
    if (this.asks.length === 0) this.look()
    const ask = this.asks.shift()
    if (ask === undefined) return undefined
    if ('clear' in ask) return { type: 'clear-limit', limit: ask.clear }
    if ('read' in ask) return { type: 'supplies', reading: this.readingOf(ask.read) }
    const row = freeLimit(this.state)
    if (row >= 0) ask.told.rows.push(row)
    return { type: 'limit', course: ask.course }
  }

  /** How the supplies of each such site stand, as events. */
  readings(): readonly SuppliesRead[] {
    const { nowMs } = this.state.totals
    return this.sites.map((told) => {
      told.one.sync(nowMs)
      return this.readingOf(told)
    })
  }

  private readingOf({ one, rows }: Told): SuppliesRead {
    if (!one.isBalanced()) this.unbalanced(one.site)
    return suppliesRead(this.state, one.site, { numbers: one.mix.numbers(), limits: rows })
  }

  /** A target of a site is a call of its interruptible contract, and checked against it. */
  before(event: Event): void {
    if (event.type === 'supply.lost') return this.lose(event)
    // What is no less than what was drawn calls for nothing.
    if (event.type !== 'limit.set' || event.kind !== 'target' || event.watts >= event.fromW) return
    const told = this.sites.find(({ feeder }) => feeder === event.feeder)
    const supply = told?.one.supplies.findIndex((each) =>
      each.type === 'grid' && each.interruptibleW > 0) ?? -1
    if (supply < 0) return
    const { holdAtMs: fromMs, holdEndAtMs: untilMs, watts: limitW } = event
    this.call({ site: told!.one.site, supply, noticeAtMs: this.state.totals.nowMs, fromMs, untilMs,
      limitW })
  }

  private lose({ site, supply, units, untilMs }: SupplyLost): void {
    const told = this.at(site)
    const { nowMs } = this.state.totals
    if (told === undefined) return
    told.one.sync(nowMs)
    told.one.mix.lose(supply, nowMs, untilMs, units)
    this.isDue = this.isHappening = true
  }

  /** The end of a turn: what is drawn from now on. */
  turn(): void {
    const { nowMs, running } = this.state.totals
    const { facilityW } = this.twin.meter
    for (const { one } of this.sites) {
      if (one.draws(nowMs, facilityW[one.site]!)) this.isDue = true
    }
    if (running === 0) return
    this.lastRunMs = nowMs
    if (this.nextLookMs === Infinity && this.sites.length > 0) this.nextLookMs = nowMs
  }

  /** Supplies go on to now, and where they give other than was told, that is told. */
  private look(): void {
    const { nowMs, pending, capped, running } = this.state.totals
    const isEdge = this.isHappening || (this.edgesMs[0] ?? Infinity) <= nowMs
    while ((this.edgesMs[0] ?? Infinity) <= nowMs) this.edgesMs.shift()
    while ((this.calls[0]?.noticeAtMs ?? Infinity) <= nowMs) this.call(this.calls.shift()!)
    for (const told of this.sites) this.lookAt(told, nowMs, isEdge, pending > 0 || capped > 0)
    for (const told of this.sites) this.asks.push({ read: told })
    this.isDue = this.isHappening = false
    const isResting = running === 0 && nowMs - this.lastRunMs > REST_MS && !this.isOpen()
    this.nextLookMs = isResting || this.sites.length === 0 ? Infinity
      : (Math.floor(nowMs / LOOK_MS) + 1) * LOOK_MS
  }

  private lookAt(told: Told, nowMs: number, isEdge: boolean, isWanted: boolean): void {
    const { one, plantW, feeder, rows } = told
    const { capMs, pauseMs } = this.state.layout.plant.power
    const grantW = this.state.tables.feeders.grantW[feeder]!
    one.mix.expect(Math.min(plantW, grantW + this.wantedGpus() * told.gpuW))
    one.sync(nowMs)
    if (isEdge) one.happened()
    const steps = limitsAhead(one.mix, { plantW, grantW, graceMs: Math.max(capMs, pauseMs) })
    const { limits } = this.state.tables
    const open = rows.filter((row) => limits.endAtMs[row]! > nowMs && limits.feeder[row] === feeder)
    const toldAtW = (atMs: number) => open.reduce((least, row) =>
      limits.startAtMs[row]! <= atMs && atMs < limits.endAtMs[row]!
        ? Math.min(least, limits.watts[row]!) : least, plantW)
    told.rows = open
    if (!isStale(toldAtW, steps, plantW, isWanted)) return
    for (const row of open) this.asks.push({ clear: row })
    told.rows = []
    for (const course of coursesOf(steps, feeder, plantW)) this.asks.push({ told, course })
  }

  /** GPUs that could start if they had watts: those that wait, at most those that are idle. */
  private wantedGpus(): number {
    const { waitingGpus, busyGpus } = this.state.totals
    return Math.min(waitingGpus, Math.max(0, this.state.layout.plant.gpus - busyGpus))
  }

  private call({ site, supply, fromMs, untilMs, limitW }: GridCall): void {
    const told = this.at(site)
    const { nowMs } = this.state.totals
    if (told === undefined || untilMs <= nowMs) return
    told.one.sync(nowMs)
    told.one.problems.push(
      ...told.one.mix.curtail(supply, Math.max(nowMs, fromMs), untilMs, limitW))
    this.isDue = true
  }

  /** Once the twin is finished. */
  finish(): void {
    const { nowMs } = this.state.totals
    for (const { one } of this.sites) {
      one.finish(nowMs)
      if (!one.isBalanced()) this.unbalanced(one.site)
    }
  }

  private unbalanced(site: number): void {
    const { name } = this.state.layout.plant.sites[site]!
    this.broken.push(`I11 what the supplies of ${name} gave is not what was drawn`)
  }

  problems(): readonly string[] {
    return this.broken
  }

  summary(): Pick<Summary, 'supplies' | 'warnings'> {
    const supplies = this.sites.map(({ one }) => one.summary())
    const lacking = this.sites.flatMap(({ one }, at) => one.mix.unservedJ <= 0 ? []
      : [`${supplies[at]!.site} drew ${formatEnergy(one.mix.unservedJ)} that its supplies did not `
        + `give, at most ${formatPower(supplies[at]!.worstUnservedW)}; more that `
        + 'runs, more storage or smaller steps would do.'])
    const calls = this.sites.flatMap(({ one }) => one.problems.map((each) =>
      `${this.state.layout.plant.sites[one.site]!.name}: ${each}.`))
    return { supplies, warnings: [...lacking, ...calls] }
  }

  /** Means over all sites by interval; none where no site has supplies. */
  series(): RunSeries['supplies'] {
    if (this.sites.length === 0) return undefined
    const all = this.sites.map(({ one }) => one.series)
    const sum = (key: 'grid' | 'generators' | 'battery' | 'solar' | 'heldRatio') =>
      all.map((each) => each[key].means()).reduce((total, each) =>
        total.map((value, at) => value + (each[at] ?? 0)))
    return {
      gridW: sum('grid'), generatorsW: sum('generators'), batteryW: sum('battery'),
      solarW: sum('solar'), heldRatio: sum('heldRatio').map((value) => value / all.length),
    }
  }

  private at(site: number): Told | undefined {
    return this.sites.find(({ one }) => one.site === site)
  }
}

function siteNumbers({ layout }: State): number[] {
  return layout.plant.sites.flatMap(({ supplies }, site) => supplies === undefined ? [] : [site])
}

function toldOf(
  state: State, { meter }: Twin, site: number, { scenario, isAhead }: SuppliesOptions): Told {
  const { plant, nameplateW, idleGrantW } = state.layout
  const { feeder } = plant.sites[site]!
  const { nowMs } = state.totals
  const known = suppliesKnown(state, site)
  const conditions = conditionsOf(site, scenario)
  // Whoever looks ahead knows neither when what is lost comes back nor what the weather will be.
  const from = known === undefined || isAhead !== true ? known?.numbers
    : withoutReturns(known.numbers)
  return {
    one: new SupplySite(plant, site, {
      atMs: nowMs, drawW: meter.facilityW[site]!,
      conditions: isAhead === true ? knownBy(conditions, nowMs) : conditions,
      ...(from !== undefined && { from }),
    }),
    feeder,
    plantW: plant.feeders[feeder]!.limitW,
    gpuW: (nameplateW[feeder]! - idleGrantW[feeder]!) / Math.max(1, gpusOf(state, site)),
    rows: [...known?.limits ?? []],
  }
}

function gpusOf({ layout }: State, site: number): number {
  const { plant, pools, siteOfRack } = layout
  return plant.racks.reduce((sum, { pool, firstNode, endNode }, rack) =>
    siteOfRack[rack] === site ? sum + (endNode - firstNode) * pools[pool]!.system.gpus : sum, 0)
}
