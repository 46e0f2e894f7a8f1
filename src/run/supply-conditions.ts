import { fromHours, fromMinutes } from '../base/units.ts'
import type { TimeSeries } from '../model/index.ts'
import type { Conditions } from '../supply/moment.ts'
import { airOf } from './heat.ts'
import type { PriceSeries } from './prices.ts'
import type { Scenario } from './scenario.ts'
import { weatherAt } from './weather.ts'

/** What the supplies of a site depend on: the market's price and the weather of the scenario. */
export function conditionsOf(site: number, scenario: Scenario | undefined): Conditions {
  if (scenario === undefined) return {}
  const { prices, weather, waves } = scenario
  const price = prices.find((one) => one.site === site) ?? prices.find((one) => one.site < 0)
  const tempC = airOf(site, weather, waves)
  const firstHour = weatherAt(weather, site)?.firstHour ?? 0
  return {
    ...(price === undefined ? {} : { usdPerMwh: evenly(price) }),
    ...(tempC === undefined ? {} : { tempC }),
    firstHour,
  }
}

/** What is known of them at a moment: prices of the day ahead, and the weather as it is now. */
export function knownBy({ usdPerMwh, tempC, ...rest }: Conditions, nowMs: number): Conditions {
  return {
    ...rest,
    ...(usdPerMwh !== undefined && { usdPerMwh: until(usdPerMwh, nowMs + fromHours(24)) }),
    ...(tempC !== undefined && { tempC: until(tempC, nowMs) }),
  }
}

/** The last value of it stays in force. */
function until({ startMs, everyMs, values }: TimeSeries, atMs: number): TimeSeries {
  const end = Math.max(1, Math.floor((atMs - startMs) / everyMs) + 1)
  return { startMs, everyMs, values: values.subarray(0, end) }
}

/** Prices at equal steps: hours where they fit, else control steps. NaN before the first. */
function evenly({ atMs, perMWh }: PriceSeries): TimeSeries {
  const everyMs = atMs.every((each) => each % fromHours(1) === 0) ? fromHours(1) : fromMinutes(5)
  const values = new Float64Array(Math.floor(atMs.at(-1)! / everyMs) + 1)
  let next = 0
  for (let at = 0; at < values.length; at++) {
    while (next < atMs.length && atMs[next]! <= at * everyMs) next++
    values[at] = next === 0 ? NaN : perMWh[next - 1]!
  }
  return { startMs: 0, everyMs, values }
}
