import { fromHours } from '../base/units.ts'
import { coolingPer10k } from '../catalog/cooling.ts'
import { inForceAt, type Hall, type Plant, type TimeSeries } from '../model/index.ts'
import { feederNamed } from './scenario-places.ts'
import { weatherAt, type Weather } from './weather.ts'

/** Heat in a hall or at a site for a while: what cooling then takes, or how hot it is outdoors. */
export type HeatWave = {
  /** Feeders of the halls, and the site where all of it is hot (-1: one hall only). */
  readonly feeders: readonly number[]
  readonly site: number
  readonly fromMs: number
  readonly untilMs: number
  /** Facility watts for 10,000 W of IT; -1 where the temperature says it. */
  readonly ratioPer10k: number
  readonly tempC: number
  readonly humidityRatio: number
}

export type RatioChange =
  { readonly atMs: number, readonly feeder: number, readonly ratioPer10k: number }

/** A ratio that moved by less is no news. */
const NEWS_RATIO = 0.005

/**
 * What each hall's feeder takes over time, by the hourly weather and heat waves: the changes, at
 * most one an hour but for the edges of waves. Of two waves at once the later in the list holds.
 * O(halls x hours x waves).
 */
export function ratioChanges(
  plant: Plant, weather: readonly Weather[], waves: readonly HeatWave[]): RatioChange[] {
  return plant.halls.flatMap((hall) => {
    const feeder = feederNamed(plant, hall.name)
    return feeder < 0 ? [] : changesOf(plant, hall, feeder, weatherAt(weather, hall.site),
      waves.filter((wave) => wave.feeders.includes(feeder)))
  })
}

function changesOf(
  plant: Plant, hall: Hall, feeder: number, air: Weather | undefined, waves: readonly HeatWave[],
): RatioChange[] {
  const found: RatioChange[] = []
  const builtFor = plant.feeders[feeder]!.ratioPer10k
  let last = builtFor
  for (const atMs of edgesOf(hall, air, waves)) {
    const wave = waves.findLast(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs)
    const ratioPer10k = wave === undefined ? outdoors(hall, air, atMs) ?? builtFor
      : wave.ratioPer10k >= 0 ? wave.ratioPer10k
        : coolingPer10k(hall.cooling!, wave.tempC, wave.humidityRatio)
    if (Math.abs(ratioPer10k / last - 1) <= NEWS_RATIO) continue
    last = ratioPer10k
    found.push({ atMs, feeder, ratioPer10k })
  }
  return found
}

function edgesOf(hall: Hall, air: Weather | undefined, waves: readonly HeatWave[]): number[] {
  const hours = hall.cooling === undefined ? 0 : air?.tempC.values.length ?? 0
  const edges = Array.from({ length: hours }, (_, hour) => fromHours(hour))
  for (const { fromMs, untilMs } of waves) edges.push(fromMs, untilMs)
  return [...new Set(edges)].sort((a, b) => a - b)
}

function outdoors({ cooling }: Hall, air: Weather | undefined, atMs: number): number | undefined {
  return cooling === undefined || air === undefined ? undefined
    : coolingPer10k(cooling, inForceAt(air.tempC, atMs), inForceAt(air.humidityRatio, atMs))
}

/** The temperature at a site for its turbines, in whole hours; none where nothing is known. */
export function airOf(
  site: number, weather: readonly Weather[], waves: readonly HeatWave[]): TimeSeries | undefined {
  const air = weatherAt(weather, site)?.tempC
  const own = waves.filter((wave) => wave.site === site && wave.ratioPer10k < 0)
  if (own.length === 0) return air
  const hourMs = fromHours(1)
  const lastMs = own.reduce((most, { untilMs }) => Math.max(most, untilMs), 0)
  const hours = Math.max(air?.values.length ?? 0, Math.ceil(lastMs / hourMs) + 1)
  const values = Float64Array.from({ length: hours }, (_, hour) => {
    const atMs = hour * hourMs
    const wave = own.findLast(({ fromMs, untilMs }) => fromMs < atMs + hourMs && untilMs > atMs)
    return wave?.tempC ?? (air === undefined ? RATED_C : inForceAt(air, atMs))
  })
  return { startMs: 0, everyMs: hourMs, values }
}

/** Gas turbines are rated at 15 C (ISO 2314): what is taken where there is no weather. */
const RATED_C = 15
