import { Series } from '../base/series.ts'
import { fromMinutes, joulesOf, meanPower, toMegawattHours } from '../base/units.ts'
import type { Plant, Supply } from '../model/index.ts'
import type { MixNumbers } from '../model/supply-record.ts'
import type { Conditions } from '../supply/moment.ts'
import { SupplyMix } from '../supply/mix.ts'
import type { SiteSupplies } from './summary.ts'

/** First interval of the series, as that of all series of a run. */
const SERIES_MS = fromMinutes(1)

/**
 * A draw that moved by less than this share of the site's limit since the mix last heard of it is
 * told with the next control step, as the mean since then: its energy is exact, its steps are not.
 */
const NEWS_RATIO = 0.0025

/** What each kind of supply counts as in a picture. */
export const GROUPS = ['grid', 'generators', 'battery', 'solar'] as const
export type Group = typeof GROUPS[number]

export type SiteStart = {
  readonly atMs: number
  readonly drawW: number
  readonly conditions: Conditions
  readonly from?: MixNumbers
}

/** Supplies of one site in a run: what the site draws is what they must give. */
export class SupplySite {
  readonly site: number
  readonly mix: SupplyMix
  readonly supplies: readonly Supply[]
  readonly problems: string[] = []
  readonly series: Readonly<Record<Group | 'heldRatio', Series>>
  private readonly plantW: number
  private readonly name: string
  private drawW: number
  private atMs: number
  /** What was drawn since the mix stands still, and in all, W·ms and J. */
  private openWms = 0
  private drawnJ = 0
  private readonly givenJ: Float64Array
  private lowest: number
  private highest: number
  private readonly ratedW: number
  private mostGivenW = 0
  private mostTakenW = 0
  private unservedJ = 0
  private worstUnservedW = 0

  /** `from`: where they stood. Without it they begin where that is cheapest. */
  constructor(plant: Plant, site: number, start: SiteStart) {
    const { conditions, from } = start
    const { drawW, atMs } = from === undefined ? start
      : { drawW: from.demandW, atMs: from.nowMs }
    const { supplies = [], isIslanded = false, feeder, name } = plant.sites[site]!
    this.site = site
    this.name = name
    this.plantW = plant.feeders[feeder]!.limitW
    this.supplies = supplies.map((supply) => withRamp(supply, plant, site))
    this.mix = new SupplyMix(this.supplies, { atMs, demandW: drawW, isIslanded, conditions,
      ...(from !== undefined && { from }) })
    this.ratedW = this.mix.storedNow().dischargeW
    this.drawW = drawW
    this.atMs = atMs
    this.givenJ = Float64Array.from(supplies, (_, at) => netJ(this.mix, at))
    this.unservedJ = this.mix.unservedJ
    this.drawnJ = from === undefined ? 0 : from.drawnJ + joulesOf(from.drawnWms)
    this.lowest = this.highest = this.mix.heldRatio()
    const series = () => new Series(SERIES_MS)
    this.series = { grid: series(), generators: series(), battery: series(), solar: series(),
      heldRatio: series() }
    this.series.heldRatio.set(atMs, this.mix.heldRatio())
  }

  /** The site draws so much from now on. Returns whether the mix heard of it at once. O(1). */
  draws(nowMs: number, watts: number): boolean {
    if (watts === this.drawW) return false
    this.openWms += this.drawW * (nowMs - this.atMs)
    this.atMs = nowMs
    this.drawW = watts
    if (Math.abs(watts - this.mix.demandW) <= this.plantW * NEWS_RATIO) return false
    this.sync(nowMs)
    return true
  }

  /** The mix goes on to now. O(supplies) for each control step since it last did. */
  sync(nowMs: number): void {
    const { mix } = this
    const fromMs = mix.nowMs
    this.openWms += this.drawW * (nowMs - this.atMs)
    this.atMs = nowMs
    if (nowMs > fromMs) {
      mix.demand(fromMs, this.openWms / (nowMs - fromMs))
      mix.advance(nowMs)
      this.record(fromMs, nowMs)
      this.drawnJ += joulesOf(this.openWms)
      this.openWms = 0
    }
    mix.demand(nowMs, this.drawW)
    this.notePeak()
  }

  /** What happens to a supply now is so at once. */
  happened(): void {
    this.mix.look()
    this.notePeak()
  }

  /** What stores give, or take, the moment after a step: all that flows do not. */
  private notePeak(): void {
    const watts = this.mix.storesW()
    this.mostGivenW = Math.max(this.mostGivenW, Math.min(watts, this.ratedW))
    this.mostTakenW = Math.max(this.mostTakenW, Math.min(-watts, this.ratedW))
  }

  private record(fromMs: number, nowMs: number): void {
    const { mix, series, givenJ } = this
    const sums: Record<Group, number> = { grid: 0, generators: 0, battery: 0, solar: 0 }
    this.supplies.forEach((supply, at) => {
      const joules = netJ(mix, at)
      sums[groupOf(supply)] += meanPower(joules - givenJ[at]!, nowMs - fromMs)
      givenJ[at] = joules
    })
    for (const group of GROUPS) series[group].set(fromMs, sums[group])
    const held = mix.heldRatio()
    series.heldRatio.set(nowMs, held)
    this.lowest = Math.min(this.lowest, held)
    this.highest = Math.max(this.highest, held)
    const lackedW = meanPower(mix.unservedJ - this.unservedJ, nowMs - fromMs)
    this.worstUnservedW = Math.max(this.worstUnservedW, lackedW)
    this.unservedJ = mix.unservedJ
  }

  /** The end of the run. */
  finish(nowMs: number): void {
    this.sync(nowMs)
    this.mix.settle()
    for (const each of Object.values(this.series)) each.advance(nowMs)
  }

  /** Whether what was asked of the supplies is what the meter says was drawn, so far (I11). */
  isBalanced(): boolean {
    const { drawnJ, drawnWms } = this.mix.numbers()
    return Math.abs(drawnJ + joulesOf(drawnWms) - this.drawnJ) <= this.drawnJ * TOLERANCE
  }

  summary(): SiteSupplies {
    const { mix, supplies } = this
    const { totals } = mix
    const stored = supplies.reduce((sum, supply) =>
      supply.type === 'battery' ? sum + supply.energyJ : sum, 0)
    const sum = (values: Float64Array) => values.reduce((all, each) => all + each, 0)
    return {
      site: this.name,
      bySupply: supplies.map(({ name, type }, at) => {
        const { givenJ, takenJ, fuelJ, usd, starts } = mix.accountOf(at)
        return {
          supply: name, type, energyMWh: toMegawattHours(givenJ),
          takenMWh: toMegawattHours(takenJ), fuelMWh: toMegawattHours(fuelJ),
          dollars: usd, starts,
        }
      }),
      drawnMWh: toMegawattHours(totals.demandJ),
      lossesMWh: toMegawattHours(totals.lossesJ),
      surplusMWh: toMegawattHours(totals.surplusJ),
      unservedMWh: toMegawattHours(totals.unservedJ),
      worstUnservedW: this.worstUnservedW,
      dollars: mix.usd,
      demandChargeDollars: mix.usd - sum(totals.usd),
      battery: stored === 0 ? null : {
        cycles: sum(totals.givenJ) / stored,
        lowestRatio: this.lowest,
        highestRatio: this.highest,
        mostGivenW: this.mostGivenW,
        mostTakenW: this.mostTakenW,
      },
      rampBreaches: { worstW: mix.steepestW, sumW: mix.beyondRampW },
    }
  }
}

/** Rounding of a mean by which energy may differ, and a thousand times that. */
const TOLERANCE = 1e-9

/** A grid without a ramp of its own follows that of its site. */
function withRamp(supply: Supply, { power }: Plant, site: number): Supply {
  if (supply.type !== 'grid') return supply
  const rule = (own: number, ofSite: number | undefined) =>
    own > 0 || ofSite === undefined || ofSite === Infinity ? own : ofSite
  return {
    ...supply,
    riseWPerMin: rule(supply.riseWPerMin, power.rampUpWPerMin[site]),
    fallWPerMin: rule(supply.fallWPerMin, power.rampDownWPerMin[site]),
  }
}

function netJ(mix: SupplyMix, supply: number): number {
  const { givenJ, takenJ } = mix.accountOf(supply)
  return givenJ - takenJ
}

export function groupOf({ type }: Supply): Group {
  return type === 'turbine' || type === 'engine' ? 'generators' : type
}
