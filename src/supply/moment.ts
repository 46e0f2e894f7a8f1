import { fromHours } from '../base/units.ts'
import { inForceAt, type TimeSeries } from '../model/time-series.ts'

/** What a supply depends on besides itself, as series; what is absent is as said at `Moment`. */
export type Conditions = {
  readonly usdPerMwh?: TimeSeries
  readonly tempC?: TimeSeries
  /** Share of the peak that the sun gives. */
  readonly sunRatio?: TimeSeries
  /** Hour of the day (UTC) at 0 ms; 0 where nothing is said. */
  readonly firstHour?: number
}

export type Moment = {
  /** Price of the market; NaN where there is no series. */
  readonly usdPerMwh: number
  /** Outdoors; 15 C, the temperature that turbines are rated at, where there is no series. */
  readonly tempC: number
  /** NaN where there is no series: then the hour of the day says it. */
  readonly sunRatio: number
  readonly hour: number
}

/** The conditions in force at a moment. */
export function momentAt(conditions: Conditions, atMs: number): Moment {
  const { usdPerMwh, tempC, sunRatio, firstHour = 0 } = conditions
  const hours = Math.floor(atMs / fromHours(1)) + firstHour
  return {
    usdPerMwh: usdPerMwh === undefined ? NaN : inForceAt(usdPerMwh, atMs),
    tempC: tempC === undefined ? RATED_C : inForceAt(tempC, atMs),
    sunRatio: sunRatio === undefined ? NaN : inForceAt(sunRatio, atMs),
    hour: ((hours % HOURS_A_DAY) + HOURS_A_DAY) % HOURS_A_DAY,
  }
}

/** ISO 2314 and 3977: gas turbines are rated at 15 C. */
const RATED_C = 15

const HOURS_A_DAY = 24
