import { unreachable } from '../base/assert.ts'
import { formatCount, formatDuration, formatPower, formatRatio } from '../base/units.ts'
import type { FaultClass } from '../model/failure.ts'
import { RATIO_ONE } from '../model/power.ts'
import type { Feeder } from '../model/power.ts'
import type { Queue } from '../model/queue.ts'
import type { Plant } from '../model/site.ts'
import { feederLoads, idleDraws } from './feeders.ts'

/** What `factory show` prints: the plant as a tree, alike halls and rows together. O(racks). */
export function describePlant(plant: Plant): string {
  const facts = factsOf(plant)
  const sites = plant.sites.length === 1 ? '1 site' : `${plant.sites.length} sites`
  return [
    `${plant.name}: ${formatCount(plant.gpus)} GPUs in ${formatCount(plant.nodes)} nodes and `
      + `${formatCount(plant.racks.length)} racks at ${sites}`,
    '',
    ...columns([HEAD, ...treeLines(plant, facts)]),
    '',
    ...NOTES,
    ...siteLines(plant, facts),
    ...declaredLines(plant, facts),
    '',
    ...poolLines(plant),
    '',
    ...queueLines(plant),
    '',
    ...failureLines(plant),
  ].join('\n')
}

type Facts = {
  readonly feederOf: ReadonlyMap<string, number>
  readonly idleW: readonly number[]
  readonly ratedW: readonly number[]
  /** GPUs of the racks before each rack, and of all at the end. */
  readonly gpusBefore: readonly number[]
}

function factsOf(plant: Plant): Facts {
  const rangeW = plant.feeders.map(() => 0)
  const gpusBefore = [0]
  for (const rack of plant.racks) {
    const system = plant.systems[plant.pools[rack.pool]!.system]!
    const gpus = (rack.endNode - rack.firstNode) * system.gpus
    gpusBefore.push(gpusBefore.at(-1)! + gpus)
    rangeW[rack.feeder] = gpus * (system.deviceRatedW - system.deviceIdleW)
  }
  const feederOf = new Map(plant.feeders.map((feeder, at) => [feeder.name, at]))
  return { feederOf, gpusBefore, ...feederLoads(plant.feeders, rangeW) }
}

const HEAD = ['', 'GPUs', 'empty', 'rated', 'limit', 'headroom', '']

const NOTES = [
  'empty: granted with no job running, hosts at their rating. rated: with every device at its',
  'rating too. headroom: limit less rated, negative where power runs out before GPUs do. Of a',
  'range, the numbers are of each.',
]

function treeLines(plant: Plant, facts: Facts): string[][] {
  return plant.sites.flatMap((site) => {
    const halls = range(site.firstHall, site.endHall).map((hall) => ({
      name: shortName(plant.halls[hall]!.name),
      lines: hallLines(plant, facts, hall),
    }))
    const own = cells(plant, facts, site.feeder, racksOf(plant, site.firstHall, site.endHall))
    return [[site.name, ...own, ''], ...merged(halls).map(indented)]
  })
}

type Block = { readonly name: string; readonly lines: readonly (readonly string[])[] }

/** Neighbours that differ in nothing but their name become one: "row01 … row48". */
function merged(blocks: readonly Block[]): string[][] {
  const lines: string[][] = []
  for (let first = 0; first < blocks.length;) {
    let end = first + 1
    const alike = JSON.stringify(blocks[first]!.lines)
    while (end < blocks.length && JSON.stringify(blocks[end]!.lines) === alike) end++
    const [head, ...rest] = blocks[first]!.lines
    const name = end - first === 1
      ? blocks[first]!.name
      : `${blocks[first]!.name} … ${blocks[end - 1]!.name}`
    lines.push([name, ...head!], ...rest.map((line) => [...line]))
    first = end
  }
  if (lines.length <= MAX_LINES) return lines
  return [...lines.slice(0, MAX_LINES), [`… and ${lines.length - MAX_LINES} more lines`]]
}

function hallLines(plant: Plant, facts: Facts, hall: number): string[][] {
  const { name, firstRow, endRow } = plant.halls[hall]!
  const feeder = facts.feederOf.get(name)!
  const ratio = plant.feeders[feeder]!.ratioPer10k / RATIO_ONE
  const cooling = ratio === 1 ? '' : `with cooling, ${ratio} W for 1 W`
  const rows = range(firstRow, endRow).map((row) => ({
    name: shortName(plant.rows[row]!.name),
    lines: [rowLine(plant, facts, row)],
  }))
  const own = cells(plant, facts, feeder, racksOf(plant, hall, hall + 1))
  return [[...own, cooling], ...merged(rows).map(indented)]
}

function rowLine(plant: Plant, facts: Facts, row: number): string[] {
  const { name, firstRack, endRack } = plant.rows[row]!
  const rack = plant.racks[firstRack]!
  const system = plant.systems[plant.pools[rack.pool]!.system]!
  const nodes = plant.racks[endRack - 1]!.endNode - rack.firstNode
  const what = `${counted(endRack - firstRack, 'rack')}, ${counted(nodes, 'node')} ${system.name}`
  return [...cells(plant, facts, facts.feederOf.get(name), [firstRack, endRack]), what]
}

/** GPUs, empty, rated, limit, headroom. A row whose racks hang from busways has no feeder. */
function cells(
  plant: Plant, facts: Facts, feeder: number | undefined,
  [firstRack, endRack]: readonly [number, number],
): string[] {
  const gpus = formatCount(facts.gpusBefore[endRack]! - facts.gpusBefore[firstRack]!)
  return [gpus, ...(feeder === undefined ? ['-', '-', '-', '-'] : watts(plant, facts, feeder))]
}

function watts(plant: Plant, facts: Facts, feeder: number): string[] {
  const { limitW } = plant.feeders[feeder]!
  const ratedW = facts.ratedW[feeder]!
  return [facts.idleW[feeder]!, ratedW, limitW, limitW - ratedW].map(formatPower)
}

/** To the watt, to be compared with a meter. */
function siteLines(plant: Plant, { ratedW }: Facts): string[] {
  const idleW = idleDraws(plant)
  return plant.sites.map(({ name, feeder }) => `${name} draws ${formatCount(idleW[feeder]!)} W `
    + `with all nodes idle and ${formatCount(ratedW[feeder]!)} W with everything at its rating.`)
}

/** Feeders that are no site, hall, row or rack. */
function declaredLines(plant: Plant, facts: Facts): string[] {
  const places = new Set([...plant.sites, ...plant.halls, ...plant.rows, ...plant.racks]
    .map((one) => one.name))
  const declared = plant.feeders.filter((feeder) => !places.has(feeder.name))
  if (declared.length === 0) return []
  const lines = declared.slice(0, MAX_LINES).map((feeder) =>
    [feeder.name, ...watts(plant, facts, facts.feederOf.get(feeder.name)!), above(plant, feeder)])
  const left = declared.length - lines.length
  return ['', ...columns([['feeder', 'empty', 'rated', 'limit', 'headroom', ''], ...lines]),
    ...(left > 0 ? [`… and ${left} more feeders`] : [])]
}

function above(plant: Plant, { parent, ratioPer10k }: Feeder): string {
  const loss = ratioPer10k === RATIO_ONE ? '' : `, ${ratioPer10k / RATIO_ONE} W there for 1 W`
  return `under ${plant.feeders[parent]?.name ?? 'nothing'}${loss}`
}

function poolLines(plant: Plant): string[] {
  const nodes = plant.pools.map(() => 0)
  for (const rack of plant.racks) {
    nodes[rack.pool] = nodes[rack.pool]! + rack.endNode - rack.firstNode
  }
  return columns([['pool', 'GPUs', 'nodes', ''], ...plant.pools.map((pool, at) => {
    const system = plant.systems[pool.system]!
    const device = system.device < 0 ? 'no GPUs' : `${system.gpus} ${plant.devices[system.device]}`
    return [pool.name, formatCount(nodes[at]! * system.gpus), formatCount(nodes[at]!),
      `${device}, ${system.cpus} cores, ${system.memoryGiB} GiB a node${speedText(plant, system)}`]
  })])
}

/** Only where devices differ. */
function speedText(plant: Plant, { device, speed }: Plant['systems'][number]): string {
  if (device < 0 || plant.devices.length < 2) return ''
  return `; trains at ${speed} of ${plant.speeds.reference}`
}

function queueLines(plant: Plant): string[] {
  const head = ['queue', 'quota', 'priority', 'expects', '']
  return columns([head, ...plant.queues.map((queue) => [
    nameInTree(plant, queue),
    quotaText(plant, queue),
    String(queue.priority),
    formatDuration(queue.defaultLimitMs),
    `uses ${queue.pools.map((pool) => plant.pools[pool]!.name).join(', ')}`
      + (queue.weight === 1 ? '' : `, weight ${queue.weight}`),
  ])])
}

/** Indented by how deep it lies. */
function nameInTree(plant: Plant, queue: Queue): string {
  let indent = ''
  for (let at = queue.parent; at >= 0; at = plant.queues[at]!.parent) indent += '  '
  return indent + queue.name
}

/** "200 GPUs, borrows 100", "960 GPUs with those below", or "none". */
function quotaText(plant: Plant, queue: Queue): string {
  const texts = (['gpus', 'cores'] as const).flatMap((resource) => {
    const { own, borrow, lend } = queue.quota[resource]
    if (own === Infinity) return []
    const unit = resource === 'gpus' ? 'GPUs' : 'cores'
    const all = quotaBelow(plant, queue, resource)
    const isAbove = plant.queues.some((other) => plant.queues[other.parent] === queue)
    const amount = isAbove ? `${formatCount(all)} ${unit} with those below`
      : own === 0 ? `no ${unit} of its own` : `${formatCount(own)} ${unit}`
    return [amount, ...(borrow === Infinity ? [] : [`borrows ${formatCount(borrow)}`]),
      ...(lend === Infinity ? [] : [`lends ${formatCount(lend)}`])]
  })
  return texts.length === 0 ? 'none' : texts.join(', ')
}

/** What a queue and all below it own together. */
function quotaBelow(plant: Plant, queue: Queue, resource: 'gpus' | 'cores'): number {
  return plant.queues.reduce((sum, other) => plant.queues[other.parent] === queue
    ? sum + quotaBelow(plant, other, resource) : sum, queue.quota[resource].own)
}

function failureLines(plant: Plant): string[] {
  const units = {
    device: plant.gpus,
    node: plant.nodes,
    rack: plant.racks.length,
    feeder: plant.feeders.length,
  }
  if (plant.failures.classes.length === 0) return ['nothing fails']
  return columns([['faults', 'a day', 'repair', ''], ...plant.failures.classes.map((one) => [
    one.name,
    shortNumber(one.ratePerHour * HOURS_A_DAY * units[one.unit]),
    one.reach === 'none' ? 'none' : one.repairMs.map(formatDuration).join(' to '),
    reachText(one),
  ])])
}

function reachText({ reach, slowRatio }: FaultClass): string {
  switch (reach) {
    case 'none': return 'the job restarts'
    case 'slow': return `the job slows to ${formatRatio(slowRatio)}`
    case 'node':
    case 'rack': return `takes down a ${reach}`
    case 'feeder': return 'takes down all below a feeder'
    default: return unreachable(reach)
  }
}

/** Cells in columns: the first and last to the left, numbers to the right. */
function columns(lines: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const line of lines) {
    line.forEach((cell, at) => { widths[at] = Math.max(widths[at] ?? 0, cell.length) })
  }
  return lines.map((line) => line.map((cell, at) => at === 0 || at === widths.length - 1
    ? cell.padEnd(widths[at]!)
    : cell.padStart(widths[at]!)).join('  ').trimEnd())
}

function indented([name, ...rest]: readonly string[]): string[] {
  return [`  ${name}`, ...rest]
}

/** First and end rack of some halls. */
function racksOf(plant: Plant, firstHall: number, endHall: number): readonly [number, number] {
  const { firstRow } = plant.halls[firstHall]!
  const { endRow } = plant.halls[endHall - 1]!
  return [plant.rows[firstRow]!.firstRack, plant.rows[endRow - 1]!.endRack]
}

function shortNumber(value: number): string {
  return value >= 10 ? value.toFixed(1) : value.toPrecision(2)
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

function range(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, at) => first + at)
}

/** Lines of one level that a person still reads. */
const MAX_LINES = 40

const HOURS_A_DAY = 24
