import type { FactoryDocument } from '../model/schema.ts'
import type { Group, HallPlan } from './groups.ts'
import type { Cooling } from '../model/cooling.ts'
import { peakRatio, type CatalogueCooling } from './cooling.ts'
import { didYouMean, problem, wattsOf } from './problem.ts'
import type { Path, Problem } from './problem.ts'

/**
 * Where everything stands: sites, halls, rows and racks in physical order, children contiguous.
 * A name is the path from the site ("hall2/row14/rack07"); where there are several sites, the
 * plant puts the site's name before it.
 */
export type Layout = {
  readonly sites: readonly LaidSite[]
  readonly halls: readonly LaidHall[]
  readonly rows: readonly LaidRow[]
  readonly racks: readonly LaidRack[]
  readonly nodes: number
}

export type LaidSite = {
  readonly name: string
  /** "" or "memphis/": what stands before the names within the site. */
  readonly prefix: string
  readonly path: Path
  readonly firstHall: number
  readonly endHall: number
}

export type LaidHall = {
  readonly name: string
  readonly site: number
  readonly path: Path
  readonly limitW: number | undefined
  readonly baseW: number
  readonly cooling: number
  /** Where the cooling depends on the weather. */
  readonly weather: Cooling | undefined
  readonly firstRow: number
  readonly endRow: number
}

export type LaidRow = {
  readonly name: string
  readonly hall: number
  readonly group: Group
  readonly firstRack: number
  readonly endRack: number
}

export type LaidRack = {
  readonly name: string
  readonly row: number
  readonly group: Group
  readonly firstNode: number
  readonly endNode: number
}

/** Lays out all halls. O(racks). */
export function layOut(
  document: FactoryDocument, plans: readonly (readonly HallPlan[])[],
  known: readonly CatalogueCooling[], problems: Problem[],
): Layout {
  const laid: Mutable = { sites: [], halls: [], rows: [], racks: [], nodes: 0 }
  document.sites.forEach((site, at) => {
    const firstHall = laid.halls.length
    const names = new Set([site.name])
    for (const plan of plans[at]!) {
      const copies = plan.document.count ?? 1
      for (let copy = 1; copy <= copies; copy++) {
        const name = hallName(plan, copy, laid.halls.length - firstHall + 1)
        noteName(name, plan, names, problems)
        const path = plan.document.cooling === undefined ? ['sites', at] : plan.path
        const cooling = plan.document.cooling ?? site.cooling ?? 1
        layHall(laid, plan, name, at, coolingOf(cooling, path, known, problems))
      }
    }
    const prefix = document.sites.length > 1 ? `${site.name}/` : ''
    const endHall = laid.halls.length
    laid.sites.push({ name: site.name, prefix, path: ['sites', at], firstHall, endHall })
  })
  return laid
}

type HallCooling = Pick<LaidHall, 'cooling' | 'weather'>

/** A ratio as written, or the highest of a way to cool, for which the site must be built. */
function coolingOf(
  written: number | string, path: Path, known: readonly CatalogueCooling[], problems: Problem[],
): HallCooling {
  if (typeof written === 'number') return { cooling: written, weather: undefined }
  const weather = known.find(({ cooling }) => cooling.name === written)?.cooling
  if (weather !== undefined) return { cooling: peakRatio(weather), weather }
  const names = known.map(({ cooling }) => cooling.name)
  problems.push(problem([...path, 'cooling'], `there is no way to cool called "${written}"; a `
    + `number from 1 to 5 would do, or one of ${names.join(', ')}${didYouMean(written, names)}`))
  return { cooling: 1, weather: undefined }
}

type Mutable = {
  sites: LaidSite[]
  halls: LaidHall[]
  rows: LaidRow[]
  racks: LaidRack[]
  nodes: number
}

function hallName(plan: HallPlan, copy: number, number: number): string {
  const { name, count } = plan.document
  if (name === undefined) return `hall${number}`
  return count === undefined ? name : `${name}${copy}`
}

function noteName(
  name: string, plan: HallPlan, names: Set<string>, problems: Problem[],
): void {
  if (names.has(name)) {
    const path = plan.document.name === undefined ? plan.path : [...plan.path, 'name']
    problems.push(problem(path, `"${name}" is the site or a hall of it; another name would do`))
  }
  names.add(name)
}

function layHall(
  laid: Mutable, plan: HallPlan, name: string, site: number, cooling: HallCooling,
): void {
  const hall = laid.halls.length
  const firstRow = laid.rows.length
  const rows = plan.groups.reduce(
    (sum, group) => sum + Math.ceil(group.racks / plan.racksPerRow), 0)
  const digits = Math.max(2, String(rows).length)
  for (const group of plan.groups) {
    for (let rack = 0; rack < group.racks; rack += plan.racksPerRow) {
      const row = String(laid.rows.length - firstRow + 1).padStart(digits, '0')
      layRow(laid, group, `${name}/row${row}`, hall, rack, plan.racksPerRow)
    }
  }
  laid.halls.push({
    name,
    site,
    path: plan.path,
    limitW: wattsOf(plan.document.limit, undefined),
    baseW: wattsOf(plan.document.base, 0),
    ...cooling,
    firstRow,
    endRow: laid.rows.length,
  })
}

/** One row: the racks of the group from the `from`-th on, up to a full row. */
function layRow(
  laid: Mutable, group: Group, name: string, hall: number, from: number, racksPerRow: number,
): void {
  const row = laid.rows.length
  const firstRack = laid.racks.length
  const racks = Math.min(racksPerRow, group.racks - from)
  const digits = Math.max(2, String(racksPerRow).length)
  for (let rack = 0; rack < racks; rack++) {
    const left = group.nodes - (from + rack) * group.nodesPerRack
    const firstNode = laid.nodes
    laid.nodes += Math.min(group.nodesPerRack, left)
    const number = String(rack + 1).padStart(digits, '0')
    laid.racks.push({ name: `${name}/rack${number}`, row, group, firstNode, endNode: laid.nodes })
  }
  laid.rows.push({ name, hall, group, firstRack, endRack: laid.racks.length })
}
