import { assert } from '../base/assert.ts'
import { fromMinutes, joulesOf } from '../base/units.ts'

/** Energy by what became of it, in watt-milliseconds, over a settlement interval. */
type Interval = {
  readonly flowsWms: Float64Array
  readonly givenWms: Float64Array
  readonly takenWms: Float64Array
  lossesWms: number
  demandWms: number
  unservedWms: number
  surplusWms: number
}

/** Joules, USD and the like from the beginning on. */
export type Totals = {
  /** By flow, in the order of the mix's flows; of stores what they gave and took. */
  readonly flowsJ: Float64Array
  readonly fuelJ: Float64Array
  readonly givenJ: Float64Array
  readonly takenJ: Float64Array
  /** By flow, then by store: energy, upkeep and wear; demand charges are apart. */
  readonly usd: Float64Array
  lossesJ: number
  demandJ: number
  /** Asked for and not there; given and not taken. */
  unservedJ: number
  surplusJ: number
  demandChargeUsd: number
}

/** The interval of settlement: 15 minutes (I11). */
export const SETTLED_EACH_MS = fromMinutes(15)

/**
 * Accounts of a mix. Each interval is closed on its own, so that sums stay small, and must add up:
 * what flows gave, and what was not served, is the demand, the surplus, the losses and what the
 * stores hold more (I11). Where watts and times are whole this is exact. On ramps they are not: a
 * corner lies between two milliseconds, and an area is a rounded product; then the sums agree to
 * `TOLERANCE` of the energy of the interval, which is a thousand times what doubles lose.
 */
export class Balance {
  readonly totals: Totals
  readonly interval: Interval
  startedMs: number
  /** What the stores held when the interval began. */
  heldWms: number
  /** By flow: highest mean of an interval in this month, and when the month ends. */
  readonly peaksW: Float64Array
  monthEndMs: number
  private readonly usdPerWMonth: readonly number[]

  constructor(atMs: number, usdPerWMonth: readonly number[], stores: number, heldWms: number) {
    const flows = usdPerWMonth.length
    this.usdPerWMonth = usdPerWMonth
    this.startedMs = atMs
    this.heldWms = heldWms
    this.monthEndMs = atMs + MONTH_MS
    this.peaksW = new Float64Array(flows)
    this.interval = {
      flowsWms: new Float64Array(flows), givenWms: new Float64Array(stores),
      takenWms: new Float64Array(stores), lossesWms: 0, demandWms: 0, unservedWms: 0, surplusWms: 0,
    }
    this.totals = {
      flowsJ: new Float64Array(flows), fuelJ: new Float64Array(flows),
      givenJ: new Float64Array(stores), takenJ: new Float64Array(stores),
      usd: new Float64Array(flows + stores), lossesJ: 0, demandJ: 0, unservedJ: 0, surplusJ: 0,
      demandChargeUsd: 0,
    }
  }

  /** Ends the interval: checks it, adds it up, and begins the next. O(flows + stores). */
  settle(atMs: number, heldWms: number): void {
    const { interval, totals } = this
    this.check(heldWms)
    const spanMs = atMs - this.startedMs
    for (let flow = 0; flow < this.peaksW.length; flow++) {
      const wattMs = interval.flowsWms[flow]!
      totals.flowsJ[flow] = totals.flowsJ[flow]! + joulesOf(wattMs)
      if (spanMs > 0) this.peaksW[flow] = Math.max(this.peaksW[flow]!, wattMs / spanMs)
    }
    for (let store = 0; store < interval.givenWms.length; store++) {
      totals.givenJ[store] = totals.givenJ[store]! + joulesOf(interval.givenWms[store]!)
      totals.takenJ[store] = totals.takenJ[store]! + joulesOf(interval.takenWms[store]!)
    }
    totals.lossesJ += joulesOf(interval.lossesWms)
    totals.demandJ += joulesOf(interval.demandWms)
    totals.unservedJ += joulesOf(interval.unservedWms)
    totals.surplusJ += joulesOf(interval.surplusWms)
    for (const all of [interval.flowsWms, interval.givenWms, interval.takenWms]) all.fill(0)
    interval.lossesWms = interval.demandWms = interval.unservedWms = interval.surplusWms = 0
    this.heldWms = heldWms
    this.startedMs = atMs
    if (atMs >= this.monthEndMs) {
      totals.demandChargeUsd += this.monthUsd()
      this.peaksW.fill(0)
      this.monthEndMs += MONTH_MS
    }
  }

  /** What the demand charges of the month so far come to. */
  monthUsd(): number {
    let usd = 0
    this.peaksW.forEach((watts, flow) => { usd += watts * this.usdPerWMonth[flow]! })
    return usd
  }

  /** How much the interval lacks of adding up; 0 where all is whole. */
  errorWms(heldWms: number): number {
    const { flowsWms, unservedWms, demandWms, surplusWms, lossesWms } = this.interval
    const inWms = flowsWms.reduce((sum, one) => sum + one, unservedWms)
    return inWms - demandWms - surplusWms - lossesWms - (heldWms - this.heldWms)
  }

  private check(heldWms: number): void {
    const error = Math.abs(this.errorWms(heldWms))
    const most = this.interval.demandWms + this.interval.surplusWms + heldWms
    assert(error <= most * TOLERANCE + 1, `I11 the interval from ${this.startedMs} ms lacks ${
      error} W ms of ${most}`)
  }

  copy(): Balance {
    const copied = new Balance(this.startedMs, this.usdPerWMonth, this.totals.givenJ.length,
      this.heldWms)
    copied.monthEndMs = this.monthEndMs
    copied.peaksW.set(this.peaksW)
    copyInto(copied.interval, this.interval)
    copyInto(copied.totals, this.totals)
    return copied
  }
}

/** A month of demand charge is a twelfth of a year of 365 days: no calendar is known here. */
const MONTH_MS = fromMinutes(43_800)

const TOLERANCE = 1e-9

function copyInto<Shape extends Interval | Totals>(to: Shape, from: Shape): void {
  for (const key of Object.keys(from) as (keyof Shape)[]) {
    const value = from[key]
    const target = to[key]
    if (value instanceof Float64Array && target instanceof Float64Array) target.set(value)
    else to[key] = value
  }
}
