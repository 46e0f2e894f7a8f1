import { unreachable } from '../base/assert.ts'
import {
  fromHours, fromSeconds, fromUsdPerKwMonth, fromUsdPerMmbtu, fromWattHours,
} from '../base/units.ts'
import type { FactoryDocument } from '../model/schema.ts'
import type { SupplyDocument } from '../model/schema-supply.ts'
import type {
  BatterySupply, Generator, GridSupply, SolarSupply, Supply,
} from '../model/supply.ts'
import type { Catalogue } from './catalogue.ts'
import { didYouMean, listed, problem, quantityOf, wattsOf } from './problem.ts'
import type { Path, Problem } from './problem.ts'
import type { CatalogueSupply } from './supplies.ts'

export type Powered = { readonly supplies?: readonly Supply[]; readonly isIslanded?: boolean }

/** By site: its supplies, and whether it is islanded; nothing where the file says nothing. */
export function resolveSupplies(
  document: FactoryDocument, catalogue: Catalogue, problems: Problem[],
): Powered[] {
  return document.sites.map(({ supplies, islanded }, at) => {
    const path = ['sites', at, 'supplies']
    if (supplies === undefined) {
      if (islanded !== undefined) {
        problems.push(problem(['sites', at, 'islanded'],
          'the site names no supplies; say supplies too, or leave islanded out'))
      }
      return {}
    }
    const names = new Set<string>()
    const resolved = supplies.flatMap((one, index) => {
      const name = one.name ?? one.type
      if (names.has(name)) {
        problems.push(problem([...path, index],
          `the site has a supply "${name}" already; give this one another name`))
      }
      names.add(name)
      return resolveSupply(one, [...path, index], catalogue, problems)
    })
    return { supplies: resolved,
      isIslanded: islanded ?? !resolved.some(({ type }) => type === 'grid') }
  })
}

/**
 * Most watts that supplies can give a site for ever, whole: contracts, units at their rating, less
 * the largest of them on an island, and of the sun what may be counted on. A battery only holds.
 */
export function mostSuppliedW({ supplies = [], isIslanded = false }: Powered): number {
  let watts = 0
  let largestW = 0
  for (const supply of supplies) {
    switch (supply.type) {
      case 'grid':
        watts += supply.firmW + supply.interruptibleW
        break
      case 'battery': break
      case 'solar':
        watts += supply.peakW * supply.firmRatio * Math.max(...supply.hourRatios)
        break
      case 'turbine': case 'engine':
        watts += supply.units * supply.unitW
        largestW = Math.max(largestW, supply.unitW)
        break
      default: return unreachable(supply)
    }
  }
  return Math.floor(watts - (isIslanded ? largestW : 0))
}

function resolveSupply(
  written: SupplyDocument, path: Path, catalogue: Catalogue, problems: Problem[],
): Supply[] {
  const known = catalogue.supplies.find(({ name }) => name === written.type)
  if (known === undefined) {
    const names = catalogue.supplies.map(({ name }) => name)
    problems.push(problem([...path, 'type'], `there is no supply "${written.type}"; the catalogue `
      + `has ${listed(names)}${didYouMean(written.type, names)}`))
    return []
  }
  const wanted: readonly string[] = KEYS[known.kind]
  for (const key of Object.keys(written)) {
    if (key === 'type' || key === 'name' || wanted.includes(key)) continue
    problems.push({ path: [...path, key], ofKey: true,
      message: `"${key}" means nothing for ${known.name}; it takes ${wanted.join(', ')}` })
  }
  const value = (key: string) => known.numbers[key]!.value
  switch (known.kind) {
    case 'grid': return [gridOf(written, value, path, problems)]
    case 'battery': return [batteryOf(written, value, path, problems)]
    case 'turbine': case 'engine':
      return [{ type: known.kind, ...generatorOf(written, known, catalogue, value) }]
    case 'solar': return [solarOf(written, known, value)]
  }
}

/** What may be written for each kind, besides its type and name. */
const KEYS: Readonly<Record<CatalogueSupply['kind'], readonly (keyof SupplyDocument)[]>> = {
  grid: ['firm', 'interruptible', 'notice', 'calledHours', 'ramp', 'price', 'demandCharge'],
  battery: ['count', 'reserve', 'charge'],
  turbine: ['count', 'unit', 'start', 'ramp', 'leastLoad', 'fuelPrice'],
  engine: ['count', 'unit', 'start', 'ramp', 'leastLoad', 'fuelPrice'],
  solar: ['count', 'hours'],
}

/** A number of the catalogue by its key. */
type Value = (key: string) => number

function gridOf(
  written: SupplyDocument, value: Value, path: Path, problems: Problem[],
): GridSupply {
  if (written.firm === undefined && written.interruptible === undefined) {
    problems.push(problem(path, 'a grid contract has no watts; say firm, interruptible or both'))
  }
  const ramp = written.ramp === undefined ? undefined : quantityOf(written.ramp, 'ramp')
  const { price, demandCharge, calledHours } = written
  return {
    type: 'grid',
    name: written.name ?? written.type,
    firmW: wattsOf(written.firm, 0),
    interruptibleW: wattsOf(written.interruptible, 0),
    noticeMs: durationOf(written.notice, value('noticeS')),
    mostCalledMs: fromHours(calledHours ?? value('calledHoursPerYear')),
    riseWPerMin: ramp ?? value('riseWPerMin'),
    fallWPerMin: ramp ?? value('fallWPerMin'),
    usdPerMwh: price === undefined || price === 'market' ? value('usdPerMwh')
      : quantityOf(price, 'price'),
    isMarket: price === 'market',
    usdPerWMonth: demandCharge === undefined ? fromUsdPerKwMonth(value('usdPerKwMonth'))
      : quantityOf(demandCharge, 'demand charge'),
  }
}

function batteryOf(
  written: SupplyDocument, value: Value, path: Path, problems: Problem[],
): BatterySupply {
  const units = written.count ?? 1
  const leastRatio = value('leastRatio')
  const mostRatio = value('mostRatio')
  const startRatio = written.charge ?? value('startRatio')
  if (startRatio < leastRatio || startRatio > mostRatio) {
    problems.push(problem([...path, 'charge'], `${startRatio} lies outside the window of its state `
      + `of charge; ${leastRatio} to ${mostRatio} would do`))
  }
  return {
    type: 'battery',
    name: written.name ?? written.type,
    energyJ: units * fromWattHours(value('energyWh')),
    chargeW: units * value('chargeW'),
    dischargeW: units * value('dischargeW'),
    roundTripRatio: value('roundTripRatio'),
    leastRatio,
    mostRatio,
    startRatio,
    reserveRatio: written.reserve ?? value('reserveRatio'),
    usdPerMwh: value('usdPerMwh'),
  }
}

function generatorOf(
  written: SupplyDocument, known: CatalogueSupply, catalogue: Catalogue, value: Value,
): Generator {
  const unitW = wattsOf(written.unit, value('unitW'))
  const fuel = catalogue.prices.fuels[known.fuel]!.value
  return {
    name: written.name ?? written.type,
    units: written.count ?? 1,
    unitW,
    startMs: durationOf(written.start, value('startS')),
    rampWPerMin: written.ramp === undefined ? unitW * value('rampRatioPerMin')
      : quantityOf(written.ramp, 'ramp'),
    leastRatio: written.leastLoad ?? value('leastRatio'),
    heatRatio: value('heatRatio'),
    heatSlope: value('heatSlope'),
    fuelUsdPerMwh: written.fuelPrice === undefined ? fromUsdPerMmbtu(fuel)
      : quantityOf(written.fuelPrice, 'price'),
    usdPerMwh: value('usdPerMwh'),
    derateFromC: value('derateFromC'),
    deratePerC: value('deratePerC'),
    leastUpMs: fromSeconds(value('leastUpS')),
    leastDownMs: fromSeconds(value('leastDownS')),
  }
}

function solarOf(written: SupplyDocument, known: CatalogueSupply, value: Value): SolarSupply {
  return {
    type: 'solar',
    name: written.name ?? written.type,
    peakW: (written.count ?? 1) * value('peakW'),
    hourRatios: written.hours ?? known.hourRatios,
    firmRatio: value('firmRatio'),
  }
}

function durationOf(text: string | undefined, seconds: number): number {
  return text === undefined ? fromSeconds(seconds) : quantityOf(text, 'duration')
}
