import { readFileSync } from 'node:fs'
import { costOf, energyOf, fromSeconds, parseSpan } from '../base/units.ts'
import { InputError, type Plant } from '../model/index.ts'
import type { ScenarioDocument } from '../model/schema-scenario.ts'
import { siteNamed } from './scenario-places.ts'

/** Dollars a megawatt-hour over time at a site, or at all sites without another series (-1). */
export type PriceSeries = {
  readonly site: number
  /** From when each price holds, ms from the start of the run, rising; before the first none. */
  readonly atMs: readonly number[]
  readonly perMWh: readonly number[]
}

type PriceDocument = NonNullable<ScenarioDocument['prices']>[number]

export function pricesOf(
  list: readonly PriceDocument[], plant: Plant, fileOf: (name: string) => string): PriceSeries[] {
  return list.map(({ site, file, list: steps }) => {
    const at = site === undefined ? -1 : siteNamed(plant, site)
    if (file !== undefined) return { site: at, ...readPrices(fileOf(file)) }
    const atMs = steps!.map(([when]) => {
      const parsed = parseSpan(when)
      return 'value' in parsed ? parsed.value : 0
    })
    return { site: at, atMs, perMWh: steps!.map(([, price]) => Number.parseFloat(price)) }
  })
}

/** Reads a CSV with a header: at_s (from the start) or utc (from its first row), and price. */
function readPrices(path: string): { atMs: number[], perMWh: number[] } {
  const lines = textOf(path).split(/\r?\n/).filter((line) => line !== '')
  const names = (lines[0] ?? '').split(',').map((name) => name.trim())
  const price = names.findIndex((name) => name === 'price' || name === 'price_usd_per_mwh')
  const time = names.findIndex((name) => name === 'at_s' || name === 'utc')
  if (price < 0 || time < 0 || lines.length < 2) {
    throw new InputError(`${path}:1: the columns are ${names.join(', ').slice(0, 100)}; at_s or utc`
      + ', price, and a row or more would do')
  }
  const isUtc = names[time] === 'utc'
  const rows = lines.slice(1).map((line, at) => {
    const cells = line.split(',')
    const value = isUtc ? Date.parse(cells[time] ?? '') : fromSeconds(Number(cells[time]))
    const perMWh = Number(cells[price])
    if (Number.isNaN(value) || Number.isNaN(perMWh) || cells[price]?.trim() === '') {
      throw new InputError(`${path}:${at + 2}: "${line.slice(0, 100)}" is no time and price; such `
        + `as ${isUtc ? '2026-08-29T05:00:00Z' : '3600'},42.5 would do`)
    }
    return { value, perMWh }
  })
  const startMs = isUtc ? rows[0]!.value : 0
  const atMs = rows.map(({ value }) => Math.round(value - startMs))
  const wrong = atMs.findIndex((each, at) => at > 0 && each <= atMs[at - 1]!)
  if (wrong > 0) {
    throw new InputError(`${path}:${wrong + 2}: this time is not later than that before it; rows in`
      + ' the order of time would do')
  }
  return { atMs, perMWh: rows.map((row) => row.perMWh) }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new InputError(`${path}: there is no such file that can be read; name a CSV of prices`)
  }
}

/** What the energy of each site cost: constant draw between changes, by the price of its time. */
export class Cost {
  readonly dollars: Float64Array
  /** Energy for which no price was known, J. */
  unpricedJ = 0
  private readonly series: (PriceSeries | undefined)[]
  private readonly at: Int32Array
  private sinceMs = 0

  constructor(plant: Plant, prices: readonly PriceSeries[]) {
    this.dollars = new Float64Array(plant.sites.length)
    this.at = new Int32Array(plant.sites.length).fill(-1)
    const forAll = prices.find((each) => each.site < 0)
    this.series = plant.sites.map((_, site) => prices.find((each) => each.site === site) ?? forAll)
  }

  /** Each site drew `facilityW` since the last call. O(sites + prices passed). */
  add(atMs: number, facilityW: Float64Array): void {
    for (let site = 0; site < facilityW.length; site++) {
      const series = this.series[site]
      let fromMs = this.sinceMs
      while (fromMs < atMs) {
        const next = series?.atMs[this.at[site]! + 1] ?? Infinity
        if (next <= fromMs) {
          this.at[site]!++
          continue
        }
        const toMs = Math.min(atMs, next)
        const perMWh = series?.perMWh[this.at[site]!]
        const joules = energyOf(facilityW[site]!, toMs - fromMs)
        if (perMWh === undefined) this.unpricedJ += joules
        else this.dollars[site] = this.dollars[site]! + costOf(joules, perMWh)
        fromMs = toMs
      }
    }
    this.sinceMs = atMs
  }
}
