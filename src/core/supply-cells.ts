import type { Plant, SuppliesRead, Supply } from '../model/index.ts'
import {
  CALL_CELLS, CALLS_MOST, LIMITS_TOLD_MOST, MIX_CELLS, SUPPLY_CELLS, UNIT_CELLS, type MixNumbers,
} from '../model/supply-record.ts'
import type { State } from './state.ts'

/**
 * What the engine last told of the supplies of each site that names some: numbers by name (see
 * model/supply-record.ts) as cells of one column, so that forks, snapshots and replays have them.
 */

/** Where the cells of a site lie: those of the site, of its supplies, and the limits it told. */
type SiteCells = {
  readonly first: number
  readonly supplies: readonly SupplyCells[]
  readonly told: number
  readonly end: number
}

type SupplyCells = {
  readonly first: number
  readonly units: number
  readonly calls: number
}

export type CellsLayout = {
  /** By site; nothing where it names no supplies. */
  readonly sites: readonly (SiteCells | undefined)[]
  readonly total: number
}

/** A site's supplies as they were last told. */
export type SuppliesKnown = {
  readonly numbers: MixNumbers
  /** Rows of `limits` that follow from what the supplies can give. */
  readonly limits: readonly number[]
}

export function cellsLayoutOf({ sites }: Plant): CellsLayout {
  let total = 0
  const take = (cells: number) => (total += cells) - cells
  return {
    sites: sites.map(({ supplies }) => {
      if (supplies === undefined) return undefined
      const first = take(MIX_CELLS.length)
      const cells = supplies.map((supply) => {
        const one = { units: unitsOf(supply), calls: supply.type === 'grid' ? CALLS_MOST : 0 }
        return { ...one, first: take(SUPPLY_CELLS.length + one.units * UNIT_CELLS.length
          + one.calls * CALL_CELLS.length) }
      })
      const told = take(LIMITS_TOLD_MOST)
      return { first, supplies: cells, told, end: total }
    }),
    total,
  }
}

function unitsOf(supply: Supply): number {
  if (supply.type === 'battery') return 0
  return 'units' in supply ? supply.units : 1
}

/** What is known of the supplies of a site; nothing before the first word. O(units). */
export function suppliesKnown(state: State, site: number): SuppliesKnown | undefined {
  const layout = state.layout.supplyCells.sites[site]
  const { value } = state.tables.supplies
  if (layout === undefined || value[layout.first] === 0) return undefined
  const numbersAt = <Name extends string>(names: readonly Name[], first: number) =>
    Object.fromEntries(names.map((name, at) => [name, value[first + at]!])) as Record<Name, number>
  const several = <Name extends string>(names: readonly Name[], first: number, count: number) =>
    Array.from({ length: count }, (_, at) => numbersAt(names, first + at * names.length))
  return {
    numbers: {
      ...numbersAt(MIX_CELLS, layout.first),
      supplies: layout.supplies.map(({ first, units, calls }) => {
        const unitsAt = first + SUPPLY_CELLS.length
        return {
          ...numbersAt(SUPPLY_CELLS, first),
          units: several(UNIT_CELLS, unitsAt, units),
          calls: several(CALL_CELLS, unitsAt + units * UNIT_CELLS.length, calls)
            .filter(({ untilMs }) => untilMs > 0),
        }
      }),
    },
    limits: Array.from(value.subarray(layout.told, layout.end)).filter((row) => row > 0)
      .map((row) => row - 1),
  }
}

/** Whether the supplies of any site were told. O(sites). */
export function areSuppliesKnown({ layout, tables }: State): boolean {
  return layout.supplyCells.sites.some((site) =>
    site !== undefined && tables.supplies.value[site.first] !== 0)
}

/** What of a site's cells differs from what the state has: an event that says it. O(cells). */
export function suppliesRead(state: State, site: number, known: SuppliesKnown): SuppliesRead {
  const layout = state.layout.supplyCells.sites[site]!
  const { value } = state.tables.supplies
  const cells = cellsOf(layout, known)
  const at: number[] = []
  const values: number[] = []
  cells.forEach((each, cell) => {
    if (Object.is(value[layout.first + cell], each)) return
    at.push(cell)
    values.push(each)
  })
  return { type: 'supplies.read', site, cells: at, values }
}

/** In the order in which they lie. */
function cellsOf(layout: SiteCells, { numbers, limits }: SuppliesKnown): Float64Array {
  const cells = new Float64Array(layout.end - layout.first)
  let next = 0
  const put = <Name extends string>(names: readonly Name[], from: Record<Name, number>) => {
    for (const name of names) cells[next++] = from[name]
  }
  put(MIX_CELLS, numbers)
  layout.supplies.forEach(({ calls }, at) => {
    const supply = numbers.supplies[at]!
    put(SUPPLY_CELLS, supply)
    for (const unit of supply.units) put(UNIT_CELLS, unit)
    for (let call = 0; call < calls; call++) put(CALL_CELLS, supply.calls[call] ?? NO_CALL)
  })
  limits.forEach((row, place) => { cells[next + place] = row + 1 })
  return cells
}

const NO_CALL = { fromMs: 0, untilMs: 0, limitW: 0 }

/** O(cells that changed). */
export function takeSupplies({ layout, tables }: State, event: SuppliesRead): void {
  const { first } = layout.supplyCells.sites[event.site]!
  event.cells.forEach((cell, at) => { tables.supplies.value[first + cell] = event.values[at]! })
}

/** Rounding, and a thousand times that, as in supply/balance.ts. */
const TOLERANCE = 1e-9

/**
 * What does not add up in what was told (I11): in the open interval what flows gave, and what was
 * not served, is what was drawn, the surplus, the losses and what the stores hold more. O(cells).
 */
export function supplyErrors(state: State): string[] {
  return state.layout.plant.sites.flatMap(({ name, supplies = [] }, site) => {
    const known = suppliesKnown(state, site)?.numbers
    if (known === undefined) return []
    let heldWms = 0
    let inWms = known.unservedWms
    supplies.forEach(({ type }, at) => {
      const one = known.supplies[at]!
      if (type === 'battery') heldWms += one.storedWms
      else inWms += one.givenWms
    })
    const outWms = known.drawnWms + known.surplusWms + known.lossesWms
    const lacksWms = Math.abs(inWms - outWms - (heldWms - known.heldWms))
    const mostWms = (known.drawnWms + known.surplusWms + heldWms) * TOLERANCE + 1
    return lacksWms <= mostWms ? [] : [`the supplies of ${name} lack ${lacksWms} W ms of ${
      outWms} since ${known.startedMs} ms`]
  })
}
