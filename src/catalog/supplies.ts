import * as z from 'zod'
import { InputError } from '../model/error.ts'
import { about, EVIDENCE, readJson, sourced, SOURCED, sources, type Sourced } from './sourced.ts'

/** What is known of a type of supply: its kind and its numbers by key, each with its source. */
export type CatalogueSupply = {
  readonly name: string
  readonly kind: 'grid' | 'battery' | 'turbine' | 'engine' | 'solar'
  readonly numbers: Readonly<Record<string, Sourced>>
  /** Name of a fuel of the price list; empty for what burns none. */
  readonly fuel: string
  /** Share of the peak in each hour of a day; empty for what is not solar. */
  readonly hourRatios: readonly number[]
}

/** Prices by name: USD/MMBtu of fuels, USD/MWh of power, USD/MW-day of capacity. */
export type CataloguePrices =
  Readonly<Record<'fuels' | 'power' | 'capacity', Readonly<Record<string, Sourced>>>>

const GENERATOR = ['unitW', 'startS', 'rampRatioPerMin', 'leastRatio', 'heatRatio', 'heatSlope',
  'usdPerMwh', 'derateFromC', 'deratePerC', 'leastUpS', 'leastDownS']

/** The numbers that each kind has: all of them, and no other. */
const KEYS: Readonly<Record<CatalogueSupply['kind'], readonly string[]>> = {
  grid: ['noticeS', 'calledHoursPerYear', 'riseWPerMin', 'fallWPerMin', 'usdPerMwh',
    'usdPerKwMonth'],
  battery: ['energyWh', 'chargeW', 'dischargeW', 'roundTripRatio', 'leastRatio', 'mostRatio',
    'startRatio', 'reserveRatio', 'usdPerMwh'],
  turbine: GENERATOR,
  engine: GENERATOR,
  solar: ['peakW', 'firmRatio'],
}

/** Reads and checks the supplies; a fuel must be one of the prices. */
export function readSupplies(path: string, prices: CataloguePrices): CatalogueSupply[] {
  const hours = z.tuple([z.array(z.number().min(0).max(1)).length(24), z.enum(EVIDENCE),
    z.string().min(3)])
  const type = z.looseObject({
    kind: z.enum(['grid', 'battery', 'turbine', 'engine', 'solar']),
    fuel: z.string().optional(),
    hourRatios: hours.optional(),
  })
  const file = readJson(path, z.strictObject({ about, sources, types: z.record(z.string(), type) }))
  return Object.entries(file.types).map(([name, { kind, fuel = '', hourRatios, ...rest }]) => {
    const numbers = z.record(z.string(), SOURCED).parse(rest)
    checkKeys(name, Object.keys(numbers), KEYS[kind])
    if ((KEYS[kind] === GENERATOR) !== (prices.fuels[fuel] !== undefined)) {
      throw new InputError(`${path}: ${name} burns "${fuel}"; a generator burns a fuel of `
        + 'prices.json, others none')
    }
    // Solar shows the sum of its hours, so that they have a source in the listing too.
    const sun = hourRatios === undefined ? {} : { hoursPerDay: sourced(
      [hourRatios[0].reduce((sum, one) => sum + one, 0), hourRatios[1], hourRatios[2]],
      file.sources) }
    const all = Object.entries(numbers)
      .map(([key, written]) => [key, sourced(written, file.sources)] as const)
    return { name, kind, fuel, hourRatios: hourRatios?.[0] ?? [],
      numbers: { ...Object.fromEntries(all), ...sun } }
  })
}

export function readPrices(path: string): CataloguePrices {
  const list = z.record(z.string(), SOURCED)
  const file = readJson(path,
    z.strictObject({ about, sources, fuels: list, power: list, capacity: list }))
  const all = (written: z.infer<typeof list>) => Object.fromEntries(
    Object.entries(written).map(([name, one]) => [name, sourced(one, file.sources)]))
  return { fuels: all(file.fuels), power: all(file.power), capacity: all(file.capacity) }
}

function checkKeys(name: string, found: readonly string[], wanted: readonly string[]): void {
  const lacking = wanted.filter((key) => !found.includes(key))
  const spare = found.filter((key) => !wanted.includes(key))
  if (lacking.length + spare.length === 0) return
  throw new InputError(`catalog: supply ${name} lacks ${lacking.join(', ') || 'nothing'} and has `
    + `${spare.join(', ') || 'nothing'} too many; its kind takes ${wanted.join(', ')}`)
}
