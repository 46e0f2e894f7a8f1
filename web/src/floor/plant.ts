import type { FloorPlant } from '../../../src/api/client.ts'

/** The building with what its page needs to find: where each row's and rack's GPUs begin. */
export type Building = {
  readonly plant: FloorPlant
  /** First GPU of each row, and after the last row the number of all. */
  readonly firstGpu: Uint32Array
  /** Of each rack: its first GPU, first node, GPUs of each of its nodes. */
  readonly rackGpu: Uint32Array
  readonly rackNode: Uint32Array
  readonly rackGpusPerNode: Uint16Array
}

export const LEVELS = ['all', 'site', 'hall', 'row', 'rack', 'node', 'device'] as const
export type Level = (typeof LEVELS)[number]

/** A part of the building: GPUs [first, end), at a level, by the name that leads to it. */
export type Part = {
  readonly level: Level
  readonly name: string
  readonly first: number
  readonly end: number
  /** Of a row or rack itself, of its parts the one around; -1 above. */
  readonly row: number
  readonly rack: number
}

/** O(racks). */
export function buildingOf(plant: FloorPlant): Building {
  const count = plant.racks.reduce((sum, [racks]) => sum + racks, 0)
  const rackGpu = new Uint32Array(count + 1)
  const rackNode = new Uint32Array(count + 1)
  const rackGpusPerNode = new Uint16Array(count)
  let rack = 0
  for (const [racks, nodes, gpus] of plant.racks) {
    for (const end = rack + racks; rack < end; rack++) {
      rackGpu[rack + 1] = rackGpu[rack]! + nodes * gpus
      rackNode[rack + 1] = rackNode[rack]! + nodes
      rackGpusPerNode[rack] = gpus
    }
  }
  const firstGpu = new Uint32Array(plant.rows.length + 1)
  plant.rows.forEach(([, , endRack], row) => { firstGpu[row + 1] = rackGpu[endRack]! })
  return { plant, firstGpu, rackGpu, rackNode, rackGpusPerNode }
}

/** The part of that name, undefined where there is none; all of it for ''. */
export function partNamed(building: Building, name: string): Part | undefined {
  if (name === '') return wholeOf(building)
  const { plant } = building
  const site = plant.sites.findIndex((each) => each.name === name)
  if (site >= 0 && plant.sites.length > 1) return sitePart(building, site)
  const hall = plant.halls.findIndex((each) => each.name === name)
  if (hall >= 0) return hallPart(building, hall)
  const row = plant.rows.findIndex(([each]) => each === name)
  if (row >= 0) return rowPart(building, row)
  return inRack(building, name)
}

function wholeOf({ plant }: Building): Part {
  return { level: 'all', name: '', first: 0, end: plant.gpus, row: -1, rack: -1 }
}

/** A rack, a node "…/rack07/2" or a device "…/rack07/2/5". Names of racks end in digits. */
function inRack(building: Building, name: string): Part | undefined {
  const rack = rackNamed(building, name)
  if (rack >= 0) return rackPart(building, rack)
  const up = name.lastIndexOf('/')
  const number = /^[0-9]+$/.test(name.slice(up + 1)) ? Number(name.slice(up + 1)) : -1
  if (up < 0 || number < 0) return undefined
  const above = inRack(building, name.slice(0, up))
  if (above?.level === 'rack') {
    const found = nodePart(building, above.rack, number)
    return found.first >= above.first && found.end <= above.end && number > 0 ? found : undefined
  }
  if (above?.level !== 'node' || above.first + number >= above.end) return undefined
  return devicePart(above, number)
}

function rackNamed({ plant }: Building, name: string): number {
  const row = plant.rows.findIndex(([each]) => name.startsWith(`${each}/rack`))
  if (row >= 0) {
    const [rowName, first, end] = plant.rows[row]!
    const text = name.slice(`${rowName}/rack`.length)
    const rack = /^[0-9]+$/.test(text) ? first + Number(text) - 1 : -1
    return rack >= first && rack < end ? rack : -1
  }
  return -1
}

export function sitePart(building: Building, site: number): Part {
  const { plant, firstGpu } = building
  const { name, first, end } = plant.sites[site]!
  return {
    level: 'site', name, row: -1, rack: -1, first: firstGpu[plant.halls[first]!.first]!,
    end: firstGpu[plant.halls[end - 1]!.end]!,
  }
}

export function hallPart({ plant, firstGpu }: Building, hall: number): Part {
  const { name, first, end } = plant.halls[hall]!
  return { level: 'hall', name, first: firstGpu[first]!, end: firstGpu[end]!, row: -1, rack: -1 }
}

export function rowPart({ plant, firstGpu }: Building, row: number): Part {
  const name = plant.rows[row]![0]
  return { level: 'row', name, first: firstGpu[row]!, end: firstGpu[row + 1]!, row, rack: -1 }
}

export function rackPart(building: Building, rack: number): Part {
  const { plant, rackGpu } = building
  return {
    level: 'rack', name: rackName(building, rack), first: rackGpu[rack]!, end: rackGpu[rack + 1]!,
    row: rowOfRack(plant, rack), rack,
  }
}

/** A node of a rack, from 1. */
export function nodePart(building: Building, rack: number, node: number): Part {
  const gpus = building.rackGpusPerNode[rack]!
  const first = building.rackGpu[rack]! + (node - 1) * gpus
  return {
    level: 'node', name: `${rackName(building, rack)}/${node}`, first, end: first + gpus,
    row: rowOfRack(building.plant, rack), rack,
  }
}

function devicePart(node: Part, device: number): Part {
  const first = node.first + device
  return { ...node, level: 'device', name: `${node.name}/${device}`, first, end: first + 1 }
}

/** What a part consists of, in order; nothing below a device. O(parts). */
export function childrenOf(building: Building, part: Part): Part[] {
  const { plant } = building
  const range = (first: number, end: number, make: (at: number) => Part) =>
    Array.from({ length: end - first }, (_, at) => make(first + at))
  switch (part.level) {
    case 'all':
      return plant.sites.length > 1 ? range(0, plant.sites.length, (at) => sitePart(building, at))
        : range(0, plant.halls.length, (at) => hallPart(building, at))
    case 'site': {
      const site = plant.sites.find((each) => each.name === part.name)!
      return range(site.first, site.end, (at) => hallPart(building, at))
    }
    case 'hall': {
      const hall = plant.halls.find((each) => each.name === part.name)!
      return range(hall.first, hall.end, (at) => rowPart(building, at))
    }
    case 'row': {
      const [, first, end] = plant.rows[part.row]!
      return range(first, end, (at) => rackPart(building, at))
    }
    case 'rack': {
      const nodes = building.rackNode[part.rack + 1]! - building.rackNode[part.rack]!
      return range(1, nodes + 1, (at) => nodePart(building, part.rack, at))
    }
    case 'node': return range(0, part.end - part.first, (at) => devicePart(part, at))
    case 'device': return []
  }
}

/** The parts around a part from the outside in, with it at the end; the whole is not named. */
export function pathTo(building: Building, part: Part): Part[] {
  const { plant } = building
  if (part.level === 'all') return []
  const found: Part[] = []
  const row = below(building.firstGpu, part.first)
  const hall = plant.halls.findIndex((each) => row >= each.first && row < each.end)
  const site = plant.sites.findIndex((each) => hall >= each.first && hall < each.end)
  if (plant.sites.length > 1) found.push(sitePart(building, site))
  found.push(hallPart(building, hall), rowPart(building, row))
  if (part.rack >= 0) found.push(rackPart(building, part.rack))
  const ranks = found.filter(({ level }) => LEVELS.indexOf(level) < LEVELS.indexOf(part.level))
  if (part.level === 'device') ranks.push(partNamed(building, part.name.replace(/\/\d+$/, ''))!)
  return [...ranks, part]
}

export function rackName({ plant }: Building, rack: number): string {
  const row = rowOfRack(plant, rack)
  const [name, first, , digits] = plant.rows[row]!
  return `${name}/rack${`${rack - first + 1}`.padStart(digits, '0')}`
}

/** Where a GPU is: its rack, its node there from 1, its place in the node. */
export function whereIs(building: Building, gpu: number): {
  readonly rack: number, readonly node: number, readonly device: number
} {
  const rack = below(building.rackGpu, gpu)
  const offset = gpu - building.rackGpu[rack]!
  const perNode = building.rackGpusPerNode[rack]!
  return { rack, node: Math.floor(offset / perNode) + 1, device: offset % perNode }
}

function rowOfRack({ rows }: FloorPlant, rack: number): number {
  let low = 0
  let high = rows.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (rows[middle]![1] <= rack) low = middle
    else high = middle - 1
  }
  return low
}

/** Last index whose value is not above `value`. */
export function below(firsts: Uint32Array, value: number): number {
  let low = 0
  let high = firsts.length - 2
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (firsts[middle]! <= value) low = middle
    else high = middle - 1
  }
  return low
}
