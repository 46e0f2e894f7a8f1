import { join } from 'node:path'
import { readHourly } from '../../src/grid/series.ts'

/** Hours of a grid: its demand, and the price that a site there would pay. */
export type Year = {
  readonly name: string
  readonly demandMw: Float64Array
  readonly usdPerMwh: Float64Array
}

/** By hour, the share of a site's watts that the grid calls back: 0 to 1. */
export type Calls = Float64Array

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'grid')

/**
 * ERCOT: the two zones that are at hand, which hold most of the new large loads (Far West) and the
 * largest city (North Central), with the hub's price. TVA has no market: the price of its eastern
 * neighbour, PJM's Dominion zone, stands in.
 */
export function readYear(grid: 'ercot' | 'tva', year: 2022 | 2023): Year {
  const demand = grid === 'ercot' ? ['erco_fwes_mw', 'erco_ncen_mw'] : ['tva_mw']
  const price = grid === 'ercot' ? 'ercot_usd_per_mwh' : 'pjm_dom_usd_per_mwh'
  const { columns, hours } = readHourly(join(FOLDER, `hours-${year}.csv.gz`),
    { columns: [...demand, price] })
  const demandMw = new Float64Array(hours)
  for (const name of demand) columns[name]!.forEach((mw, hour) => { demandMw[hour]! += mw })
  return { name: `${grid} ${year}`, demandMw, usdPerMwh: columns[price]! }
}

/** The hours of highest demand, so many of all, each with the same cut. */
export function topHours({ demandMw }: Year, shareRatio: number, cutRatio: number): Calls {
  const most = Math.floor(demandMw.length * shareRatio)
  const order = [...demandMw.keys()].sort((a, b) => demandMw[b]! - demandMw[a]! || a - b)
  const calls = new Float64Array(demandMw.length)
  for (const hour of order.slice(0, most)) calls[hour] = cutRatio
  return calls
}

/**
 * The rule of Duke's "Rethinking Load Growth": a new flat load gives way by as much as demand and
 * load together exceed the highest demand of the year without it. Its size is the one for which
 * that is the given share of its energy, found by halving.
 */
export function byThreshold(
  { demandMw }: Year, energyRatio: number): { readonly calls: Calls, readonly loadMw: number } {
  const peakMw = demandMw.reduce((most, one) => Math.max(most, one), 0)
  const cutOf = (mw: number, loadMw: number) =>
    Math.min(1, Math.max(0, mw + loadMw - peakMw) / loadMw)
  let [low, high] = [0, peakMw]
  for (let step = 0; step < 60; step++) {
    const loadMw = (low + high) / 2
    const share = demandMw.reduce((sum, mw) => sum + cutOf(mw, loadMw), 0) / demandMw.length
    if (share < energyRatio) low = loadMw
    else high = loadMw
  }
  return { calls: demandMw.map((mw) => cutOf(mw, low)), loadMw: low }
}

/** Runs of hours in a row that are called: first hour, and how many. */
export function eventsOf(calls: Calls): { readonly from: number, readonly hours: number }[] {
  const events: { from: number, hours: number }[] = []
  calls.forEach((cut, hour) => {
    if (cut <= 0) return
    const last = events.at(-1)
    if (last !== undefined && last.from + last.hours === hour) last.hours++
    else events.push({ from: hour, hours: 1 })
  })
  return events
}
