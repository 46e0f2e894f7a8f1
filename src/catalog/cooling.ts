import * as z from 'zod'
import { InputError } from '../model/error.ts'
import type { Cooling } from '../model/cooling.ts'
import { RATIO_ONE } from '../model/power.ts'
import { about, readJson, sourced, SOURCED, sources, type Sourced } from './sourced.ts'

/** A way to cool, with the sources of its points. */
export type CatalogueCooling = { readonly cooling: Cooling; readonly points: readonly Sourced[] }

/**
 * Facility watts for 10,000 IT watts of a hall at a temperature of the air and, where water
 * evaporates, its humidity (0 to 1). Whole, rounded up. O(points).
 */
export function coolingPer10k(cooling: Cooling, tempC: number, humidityRatio: number): number {
  const { points } = cooling
  const atC = cooling.isWet ? wetBulbC(tempC, humidityRatio) : tempC
  const next = points.findIndex((point) => point.tempC >= atC)
  // What comes of 1.3 x 10,000 as a binary fraction must not round up to 13,001.
  const whole = (ratio: number) => Math.ceil(ratio * RATIO_ONE - 1e-6)
  if (next < 0) return whole(points.at(-1)!.ratio)
  if (next === 0) return whole(points[0]!.ratio)
  const low = points[next - 1]!
  const high = points[next]!
  const share = (atC - low.tempC) / (high.tempC - low.tempC)
  return whole(low.ratio + share * (high.ratio - low.ratio))
}

/** The highest ratio: what a site must be built for. */
export function peakRatio(cooling: Cooling): number {
  return cooling.points.reduce((most, { ratio }) => Math.max(most, ratio), 1)
}

export function readCooling(path: string): CatalogueCooling[] {
  const type = z.strictObject({
    about: z.string(),
    thermometer: z.enum(['dry', 'wet']),
    points: z.array(z.tuple([z.number(), SOURCED])).min(1),
  })
  const file = readJson(path, z.strictObject({ about, sources, types: z.record(z.string(), type) }))
  return Object.entries(file.types).map(([name, { thermometer, points }]) => {
    const isRising = points.every(([tempC, [ratio]], at) =>
      ratio >= 1 && (at === 0 || tempC > points[at - 1]![0]))
    if (!isRising) {
      throw new InputError(`${path}: the points of ${name} must rise in temperature, with ratios `
        + 'from 1')
    }
    return {
      cooling: {
        name,
        isWet: thermometer === 'wet',
        points: points.map(([tempC, [ratio]]) => ({ tempC, ratio })),
      },
      points: points.map(([, written]) => sourced(written, file.sources)),
    }
  })
}

/**
 * Temperature of a wet thermometer by the one-third rule: a third of the way from the air to its
 * dew point, which lies about 1 C below the air for each 5 % that the humidity lacks (Lawrence,
 * 2005). Within about 2 C above 50 % humidity; below, too low in the heat: a rough rule.
 */
function wetBulbC(tempC: number, humidityRatio: number): number {
  const dewBelowC = (1 - humidityRatio) * DEW_C_PER_DRYNESS
  return tempC - dewBelowC / WET_SHARE
}

const DEW_C_PER_DRYNESS = 20
const WET_SHARE = 3
