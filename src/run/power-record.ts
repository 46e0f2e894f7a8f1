import { formatPower, perMegawatt, toHours, toMegawattHours } from '../base/units.ts'
import { targetW } from '../core/limits.ts'
import type { State } from '../core/state.ts'
import type { Twin } from '../engines/twin/twin.ts'
import type { Event, Intent } from '../model/index.ts'
import { courseOf, CurtailmentWatch } from './curtailments.ts'
import type { Intents } from './loop.ts'
import { Cost } from './prices.ts'
import type { Scenario } from './scenario.ts'
import type { EventSummary, FeederBreaches, FeederPrice, Summary } from './summary.ts'

/**
 * Asks what a scenario says when its time comes, and keeps what the summary says of power: cost,
 * what curtailments came to, breaches, and what a megawatt was worth.
 */
export class PowerRecord implements Intents {
  /** Whether anything is asked of what is drawn. */
  readonly hasTargets: boolean
  private readonly state: State
  private readonly twin: Twin
  private readonly scenario: Scenario | undefined
  private readonly watches: CurtailmentWatch[] = []
  private readonly cost: Cost
  private readonly siteW: Float64Array
  private readonly prices: { readonly sum: Float64Array, readonly worst: Float64Array,
    readonly bindingMs: Float64Array, readonly now: Float64Array }
  private pricedAtMs = 0
  private priced: readonly number[] = []
  private asked = 0

  constructor(state: State, twin: Twin, scenario: Scenario | undefined) {
    this.state = state
    this.twin = twin
    this.scenario = scenario
    this.hasTargets = scenario?.asked.some((each) => 'curtailment' in each) ?? false
    const { plant } = state.layout
    const column = () => new Float64Array(plant.feeders.length)
    this.cost = new Cost(plant, scenario?.prices ?? [])
    this.siteW = twin.meter.facilityW.slice()
    this.prices = { sum: column(), worst: column(), bindingMs: column(), now: column() }
  }

  peekAtMs(): number {
    return this.scenario?.asked[this.asked]?.atMs ?? Infinity
  }

  next(): Intent {
    const next = this.scenario!.asked[this.asked++]!
    if ('intent' in next) return next.intent
    const course = courseOf(this.state, next.curtailment)
    this.watches.push(new CurtailmentWatch(this.state, this.twin, course))
    return { type: 'limit', course }
  }

  /** Prices hold until others are published. O(feeders that have one). */
  before(event: Event): void {
    if (event.type !== 'power.priced') return
    this.closePrices(this.state.totals.nowMs)
    const { now, worst } = this.prices
    const { feeders, prices, drawPrices } = event
    for (const feeder of this.priced) now[feeder] = 0
    feeders.forEach((feeder, at) => {
      now[feeder] = prices[at]! + drawPrices[at]!
      worst[feeder] = Math.max(worst[feeder]!, now[feeder]!)
    })
    this.priced = feeders
  }

  /** The end of a turn: what holds from now on. */
  turn(): void {
    const { nowMs } = this.state.totals
    for (const watch of this.watches) watch.turn()
    if ((this.scenario?.prices.length ?? 0) > 0) {
      this.cost.add(nowMs, this.siteW)
      this.siteW.set(this.twin.meter.facilityW)
    }
  }

  /** May be drawn at all sites by their targets; the limit where there is none. O(sites × rows). */
  targetW(): number {
    let sum = 0
    for (const { feeder } of this.state.layout.plant.sites) {
      sum += Math.min(targetW(this.state, feeder, this.state.totals.nowMs),
        this.state.tables.feeders.limitW[feeder]!)
    }
    return sum
  }

  /** Once the twin is finished. */
  summary(): Pick<Summary, 'cost' | 'events' | 'feederBreaches' | 'price' | 'warnings'> {
    this.turn()
    this.closePrices(this.state.totals.nowMs)
    const events = this.watches.map((watch) => watch.summary())
    return {
      cost: this.costs(),
      events,
      feederBreaches: this.breaches(),
      price: this.feederPrices(),
      warnings: events.flatMap((event) => warningOf(event)),
    }
  }

  private closePrices(nowMs: number): void {
    const { sum, bindingMs, now } = this.prices
    const ms = nowMs - this.pricedAtMs
    for (const feeder of this.priced) {
      if (!((now[feeder] ?? 0) > 0)) continue
      sum[feeder] = sum[feeder]! + now[feeder]! * ms
      bindingMs[feeder] = bindingMs[feeder]! + ms
    }
    this.pricedAtMs = nowMs
  }

  private costs(): Summary['cost'] {
    if ((this.scenario?.prices.length ?? 0) === 0) return null
    const { sites } = this.state.layout.plant
    const { dollars, unpricedJ } = this.cost
    return {
      dollars: dollars.reduce((sum, each) => sum + each, 0),
      bySite: sites.map(({ name }, site) => ({ site: name, dollars: dollars[site]! })),
      unpricedMWh: toMegawattHours(unpricedJ),
    }
  }

  private breaches(): FeederBreaches {
    const { plant } = this.state.layout
    const all = this.twin.breaches(this.state.totals.nowMs)
    const sum = (of: (each: typeof all[number]) => number) =>
      all.reduce((total, each) => total + of(each), 0)
    const most = (of: (each: typeof all[number]) => number) =>
      all.reduce((top, each) => Math.max(top, of(each)), 0)
    return {
      samples: sum((each) => each.samples),
      breaches: sum((each) => each.breaches),
      worstOverW: most((each) => each.worstOverW),
      overMs: sum((each) => each.overMs),
      meanOverW: most((each) => each.meanOverW),
      byFeeder: all.filter((each) => each.breaches > 0 || each.overMs > 0)
        .map(({ feeder, ...rest }) => ({ ...rest, feeder: plant.feeders[feeder]!.name })),
    }
  }

  private feederPrices(): FeederPrice[] {
    const { sum, worst, bindingMs } = this.prices
    const { nowMs } = this.state.totals
    const { feeders } = this.state.layout.plant
    return feeders.flatMap(({ name }, feeder) => worst[feeder] === 0 ? [] : [{
      feeder: name,
      meanGpusPerMW: nowMs > 0 ? perMegawatt(sum[feeder]! / nowMs) : 0,
      worstGpusPerMW: perMegawatt(worst[feeder]!),
      bindingHours: toHours(bindingMs[feeder]!),
    }])
  }
}

function warningOf({ cause, feeder, asked, floorW, held }: EventSummary): string[] {
  if (floorW === undefined) return []
  return [`${cause} at ${feeder} asks for ${formatPower(asked.watts)}, and the least that can be `
    + `drawn there is ${formatPower(floorW)}: idle nodes, base loads, jobs that may not be paused `
    + `and those that stay loaded. ${held === null ? '' : `Held: ${formatPower(held.watts)}.`}`]
}
