import { SupplyMix } from '../../src/supply/mix.ts'
import { eventsOf, type Calls, type Year } from './calls.ts'
import { FACILITY_W, lostByPauseRatio, lostRatio, MOST_CUT_RATIO } from './shed.ts'
import { suppliesOf } from './supplies.ts'

const HOUR_MS = 3_600_000
const NOTICE_MS = HOUR_MS / 2

/** A flat site of 100 MW. */
const SITE_W = 100e6

/** Rent of an H100 for an hour, a one-year contract of March 2026 (SemiAnalysis). */
const USD_PER_GPU_HOUR = 2.35

export type Outcome = {
  readonly hoursCalled: number
  readonly events: number
  readonly meanEventHours: number
  /** Hours called in which at least half, three quarters and nine tenths of the load stay on. */
  readonly keptRatios: readonly number[]
  /** Hours in which pausing all is not enough: racks are switched off. */
  readonly hoursOff: number
  readonly energyMwh: number
  readonly energyLostMwh: number
  readonly workLostRatio: number
  readonly gpuHoursLost: number
  /** The same without capping: devices are only paused. */
  readonly pausedHoursLost: number
  readonly workLostUsd: number
  /** Of the energy, with the calls and without any. */
  readonly costUsd: number
  readonly uncalledUsd: number
  /** Mean price in the hours called, weighted by the cut. */
  readonly calledUsdPerMwh: number
  readonly unservedMwh: number
  /** Largest distance of a call from its limit, in watts: above it at any control step. */
  readonly overW: number
}

/** A year of a site whose grid calls: its supplies run, its devices give way. */
export function runContract(year: Year, calls: Calls): Outcome {
  const uncalled = runMix(year, new Float64Array(calls.length))
  const called = runMix(year, calls)
  const events = eventsOf(calls)
  const cuts = [...calls].filter((cut) => cut > 0)
  const lost = cuts.reduce((sum, cut) => sum + lostRatio(cut), 0)
  const gpuHoursLost = lost * SITE_W / FACILITY_W
  const keptAt = (least: number) => cuts.filter((cut) => 1 - cut >= least).length / cuts.length
  return {
    hoursCalled: cuts.length,
    events: events.length,
    meanEventHours: cuts.length / events.length,
    keptRatios: [0.5, 0.75, 0.9].map(keptAt),
    hoursOff: cuts.filter((cut) => cut > MOST_CUT_RATIO).length,
    energyMwh: uncalled.energyMwh,
    energyLostMwh: uncalled.energyMwh - called.energyMwh,
    workLostRatio: lost / calls.length,
    gpuHoursLost,
    pausedHoursLost: cuts.reduce((sum, cut) => sum + lostByPauseRatio(cut), 0)
      * SITE_W / FACILITY_W,
    workLostUsd: gpuHoursLost * USD_PER_GPU_HOUR,
    costUsd: called.usd,
    uncalledUsd: uncalled.usd,
    calledUsdPerMwh: (uncalled.usd - called.usd) / (uncalled.energyMwh - called.energyMwh),
    unservedMwh: called.unservedMwh,
    overW: called.overW,
  }
}

/** Each call is told half an hour before; the draw steps down as it begins. */
function runMix({ usdPerMwh }: Year, calls: Calls) {
  const supplies = suppliesOf([{ type: 'grid', interruptible: '100 MW',
    notice: '30m', price: 'market' }])
  const mix = new SupplyMix(supplies, { atMs: 0, demandW: SITE_W,
    conditions: { usdPerMwh: { startMs: 0, everyMs: HOUR_MS, values: usdPerMwh } } })
  let overW = 0
  for (let hour = 0; hour < calls.length; hour++) {
    const cutW = SITE_W - Math.round(SITE_W * calls[hour]!)
    mix.demand(hour * HOUR_MS, cutW)
    mix.advance(hour * HOUR_MS + NOTICE_MS)
    overW = Math.max(overW, mix.outputW(0) - cutW)
    const next = calls[hour + 1] ?? 0
    if (next > 0) {
      mix.curtail(0, (hour + 1) * HOUR_MS, (hour + 2) * HOUR_MS,
        SITE_W - Math.round(SITE_W * next))
    }
  }
  mix.advance(calls.length * HOUR_MS)
  const { totals } = mix
  return { usd: mix.usd, energyMwh: totals.flowsJ[0]! / 3.6e9, overW,
    unservedMwh: mix.unservedJ / 3.6e9 }
}
