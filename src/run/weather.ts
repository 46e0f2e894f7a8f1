import { existsSync } from 'node:fs'
import { fromHours } from '../base/units.ts'
import { readHourly, seriesOf } from '../grid/series.ts'
import { InputError, type Plant, type TimeSeries } from '../model/index.ts'
import type { ScenarioDocument } from '../model/schema-scenario.ts'
import { siteNamed } from './scenario-places.ts'

/** The air outdoors at a site, or at all sites without another series (-1), by the hour. */
export type Weather = {
  readonly site: number
  readonly tempC: TimeSeries
  readonly humidityRatio: TimeSeries
  /** Hour of the day (UTC) at which the run begins. */
  readonly firstHour: number
}

/** Columns of the files: degrees Celsius and percent of relative humidity. */
const COLUMNS = ['temp_c', 'rh_pct'] as const

/** Reads the weather of a scenario; the run begins with the first row that is taken. */
export function weatherOf(
  list: NonNullable<ScenarioDocument['weather']>, plant: Plant, fileOf: (name: string) => string,
): Weather[] {
  return list.map(({ site, file, from }) => {
    const path = fileOf(file)
    if (!existsSync(path)) {
      throw new InputError(`${path}: there is no such file that can be read; name a CSV of weather`)
    }
    const table = readHourly(path, { columns: COLUMNS, ...(from === undefined ? {} : { from }) })
    const humidity = seriesOf(table, 'rh_pct')
    const hours = Math.round(table.startAtMs / fromHours(1))
    return {
      site: site === undefined ? -1 : siteNamed(plant, site),
      tempC: seriesOf(table, 'temp_c'),
      humidityRatio: { ...humidity, values: humidity.values.map((value) => value / PERCENT) },
      firstHour: ((hours % HOURS_A_DAY) + HOURS_A_DAY) % HOURS_A_DAY,
    }
  })
}

const PERCENT = 100
const HOURS_A_DAY = 24

/** The series of a site: its own, or that of all. */
export function weatherAt(weather: readonly Weather[], site: number): Weather | undefined {
  return weather.find((one) => one.site === site) ?? weather.find((one) => one.site < 0)
}
