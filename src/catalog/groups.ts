import type { FactoryDocument, HallDocument, RackGroupDocument, SiteDocument }
  from '../model/schema.ts'
import type { Catalogue, CatalogueSystem } from './catalogue.ts'
import { didYouMean, listed, problem, wattsOf } from './problem.ts'
import type { Path, Problem } from './problem.ts'

/** Racks of one kind, as a rack group of the file says. */
export type Group = {
  readonly path: Path
  readonly system: CatalogueSystem
  /** Whole watts of one device; 0 in a system without devices. */
  readonly deviceIdleW: number
  readonly deviceRatedW: number
  readonly racks: number
  readonly nodes: number
  readonly nodesPerRack: number
  /** Names of the queues that own the racks; undefined where they are shared. */
  readonly owners: readonly string[] | undefined
  readonly rowLimitW: number | undefined
  readonly rackLimitW: number | undefined
}

/** A hall as written, before its copies are counted out. */
export type HallPlan = {
  readonly document: HallDocument
  readonly path: Path
  readonly racksPerRow: number
  readonly groups: readonly Group[]
}

/**
 * Rack groups by site and hall, with problems of their sizes and systems; undefined where the
 * factory would be too large to lay out.
 */
export function planHalls(
  document: FactoryDocument, catalogue: Catalogue, problems: Problem[],
): HallPlan[][] | undefined {
  const plans = document.sites.map((site, at) =>
    hallsOf(site, ['sites', at], problems).map(({ hall, path }) => {
      const racksPerRow = hall.racksPerRow ?? site.racksPerRow ?? RACKS_PER_ROW
      const groups = hall.racks.map((group, index) =>
        planGroup(group, [...path, 'racks', index], racksPerRow, catalogue, problems))
      return { document: hall, path, racksPerRow, groups }
    }))
  return hasRoom(plans.flat(), problems) ? plans : undefined
}

function hallsOf(
  site: SiteDocument, path: Path, problems: Problem[],
): { hall: HallDocument; path: Path }[] {
  if (site.halls !== undefined && site.racks !== undefined) {
    problems.push(problem([...path, 'racks'],
      'the site has halls and racks of its own; put these racks into a hall'))
  }
  if (site.halls !== undefined) {
    return site.halls.map((hall, at) => ({ hall, path: [...path, 'halls', at] }))
  }
  if (site.racks !== undefined) return [{ hall: { racks: site.racks }, path }]
  problems.push(problem(path, 'the site has no racks; say racks, or halls with racks'))
  return []
}

function planGroup(
  group: RackGroupDocument, path: Path, racksPerRow: number, catalogue: Catalogue,
  problems: Problem[],
): Group {
  const system = findSystem(group.system, [...path, 'system'], catalogue, problems)
  const nodesPerRack = group.nodesPerRack ?? system.numbers.nodesPerRack.value
  if (system.linkDomain === 'rack' && nodesPerRack > system.numbers.nodesPerRack.value) {
    problems.push(problem([...path, 'nodesPerRack'], `${nodesPerRack} nodes do not fit one link `
      + `domain; a rack of ${system.name} holds ${system.numbers.nodesPerRack.value}`))
  }
  const device = catalogue.devices.find((one) => one.name === system.device)
  return {
    path,
    system,
    deviceIdleW: Math.ceil(device?.numbers.idleW.value ?? 0),
    deviceRatedW: Math.ceil(device?.numbers.ratedW.value ?? 0),
    nodesPerRack,
    ...sizeOf(group, path, system, { nodesPerRack, racksPerRow }, problems),
    owners: group.queues,
    rowLimitW: wattsOf(group.rowLimit, undefined),
    rackLimitW: wattsOf(group.rackLimit, undefined),
  }
}

/** A system that is not known is stood in for, so that the rest of the file is checked too. */
function findSystem(
  name: string, path: Path, catalogue: Catalogue, problems: Problem[],
): CatalogueSystem {
  const found = catalogue.systems.find((system) => system.name === name)
  if (found !== undefined) return found
  const known = catalogue.systems.map((system) => system.name)
  problems.push(problem(path, `the catalogue has no system "${name}"; `
    + `it has ${listed(known)}${didYouMean(name, known)}`))
  return catalogue.systems[0]!
}

function sizeOf(
  group: RackGroupDocument, path: Path, system: CatalogueSystem,
  full: { readonly nodesPerRack: number; readonly racksPerRow: number }, problems: Problem[],
): { racks: number; nodes: number } {
  const given = SIZES.filter((key) => group[key] !== undefined)
  if (given.length !== 1) {
    const found = given.length === 0 ? 'no size' : given.join(' and ')
    problems.push(problem(given.length === 0 ? path : [...path, given[1]!],
      `the rack group has ${found}; say exactly one of ${SIZES.join(', ')}`))
    return { racks: 1, nodes: full.nodesPerRack }
  }
  const racks = group.count ?? (group.rows ?? 0) * full.racksPerRow
  if (racks > 0) return { racks, nodes: racks * full.nodesPerRack }
  const nodes = group.nodes ?? nodesFor(group.gpus!, [...path, 'gpus'], system, problems)
  return { racks: Math.ceil(nodes / full.nodesPerRack), nodes }
}

function nodesFor(
  gpus: number, path: Path, system: CatalogueSystem, problems: Problem[],
): number {
  const each = system.numbers.gpus.value
  if (each > 0 && gpus % each === 0) return gpus / each
  const below = each === 0 ? 0 : Math.floor(gpus / each) * each
  const instead = each === 0
    ? 'say count, rows or nodes'
    : `${below === 0 ? '' : `${below} or `}${below + each} would do`
  problems.push(problem(path, `${gpus} GPUs do not fill whole nodes of ${each}; ${instead}`))
  return Math.max(1, Math.ceil(gpus / Math.max(1, each)))
}

/** A slip of the finger must not fill the memory. */
function hasRoom(plans: readonly HallPlan[], problems: Problem[]): boolean {
  let racks = 0
  let nodes = 0
  for (const { document, groups } of plans) {
    for (const group of groups) {
      racks += group.racks * (document.count ?? 1)
      nodes += group.nodes * (document.count ?? 1)
      if (racks <= MAX_RACKS && nodes <= MAX_NODES) continue
      problems.push(problem(group.path, `with these, the factory comes to ${racks} racks and `
        + `${nodes} nodes; up to ${MAX_RACKS} racks and ${MAX_NODES} nodes would do`))
      return false
    }
  }
  return true
}

const SIZES = ['count', 'rows', 'nodes', 'gpus'] as const

/** A million GPUs in racks of one 8-GPU node each, and as many again. */
const MAX_RACKS = 250_000

/** Four million one-GPU nodes: four times the largest factory that the design is for. */
const MAX_NODES = 4_000_000

/** Racks in a row where the file does not say: 16 is a common length of a row (a guess). */
const RACKS_PER_ROW = 16
