import type { FloorPlant } from '../../../src/api/client.ts'

/** The building with what its page needs to find: where each row's GPUs begin. */
export type Building = {
  readonly plant: FloorPlant
  /** First GPU of each row, and after the last row the number of all. */
  readonly firstGpu: Uint32Array
  /** Of each rack: its first GPU, first node, GPUs of each of its nodes. */
  readonly rackGpu: Uint32Array
  readonly rackNode: Uint32Array
  readonly rackGpusPerNode: Uint16Array
}

/** A part of the building by rows, and within one row perhaps by racks. */
export type Part = {
  readonly name: string
  readonly firstRow: number
  readonly endRow: number
  /** A single rack, or -1. */
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
    for (let end = rack + racks; rack < end; rack++) {
      rackGpu[rack + 1] = rackGpu[rack]! + nodes * gpus
      rackNode[rack + 1] = rackNode[rack]! + nodes
      rackGpusPerNode[rack] = gpus
    }
  }
  const firstGpu = new Uint32Array(plant.rows.length + 1)
  plant.rows.forEach(([, , endRack], row) => { firstGpu[row + 1] = rackGpu[endRack]! })
  return { plant, firstGpu, rackGpu, rackNode, rackGpusPerNode }
}

/** The part of that name: a site, hall, row or rack; all of it for '' and names it has not. */
export function partNamed({ plant }: Building, name: string): Part {
  const all = { name: '', firstRow: 0, endRow: plant.rows.length, rack: -1 }
  if (name === '') return all
  const site = plant.sites.find((each) => each.name === name)
  if (site !== undefined && plant.sites.length > 1) {
    const firstRow = plant.halls[site.first]!.first
    return { name, firstRow, endRow: plant.halls[site.end - 1]!.end, rack: -1 }
  }
  const hall = plant.halls.find((each) => each.name === name)
  if (hall !== undefined) return { name, firstRow: hall.first, endRow: hall.end, rack: -1 }
  const row = plant.rows.findIndex(([each]) => name === each || name.startsWith(`${each}/rack`))
  if (row < 0) return all
  const [rowName, firstRack, endRack] = plant.rows[row]!
  const number = Number(name.slice(`${rowName}/rack`.length))
  const rack = name === rowName ? -1 : firstRack + number - 1
  const isRack = rack >= firstRack && rack < endRack
  return { name, firstRow: row, endRow: row + 1, rack: isRack ? rack : -1 }
}

/** Names from the whole down to a part, for the way back up. */
export function pathTo({ plant }: Building, part: Part): string[] {
  if (part.name === '') return []
  const hall = plant.halls.find((each) =>
    part.firstRow >= each.first && part.firstRow < each.end)!
  const names = [hall.name]
  if (part.endRow - part.firstRow === 1 && part.name !== hall.name) {
    names.push(plant.rows[part.firstRow]![0])
  }
  if (part.rack >= 0) names.push(part.name)
  return names
}

export function rackName({ plant }: Building, rack: number): string {
  const row = rowOfRack(plant, rack)
  const [name, first, , digits] = plant.rows[row]!
  return `${name}/rack${`${rack - first + 1}`.padStart(digits, '0')}`
}

/** Where a GPU is: its rack, its node there from 1, its place in the node. */
export function whereIs(building: Building, gpu: number): {
  readonly row: number, readonly rack: number, readonly node: number, readonly device: number
} {
  const rack = below(building.rackGpu, gpu)
  const offset = gpu - building.rackGpu[rack]!
  const perNode = building.rackGpusPerNode[rack]!
  return {
    row: rowOfRack(building.plant, rack), rack, node: Math.floor(offset / perNode) + 1,
    device: offset % perNode,
  }
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
