import type { Plant } from '../model/index.ts'

/**
 * The building as the page lays it out: children are contiguous, so each level holds where its
 * children begin and end. Racks are runs of equal ones, since there are tens of thousands.
 */
export type FloorPlant = {
  readonly factory: string
  readonly nodes: number
  readonly gpus: number
  readonly sites: readonly { readonly name: string, readonly first: number, readonly end: number }[]
  readonly halls: readonly { readonly name: string, readonly first: number, readonly end: number }[]
  /** Name, first rack, end rack, and digits of its racks' numbers: "/rack07" has two. */
  readonly rows: readonly (readonly [string, number, number, number])[]
  /** How many racks, nodes in each, devices of each node, index of the system. */
  readonly racks: readonly (readonly [number, number, number, number])[]
  /** Name of a system, its device ('' for none). */
  readonly systems: readonly (readonly [string, string])[]
}

/** O(racks). */
export function floorPlant(plant: Plant): FloorPlant {
  const racks: [number, number, number, number][] = []
  for (const { firstNode, endNode, pool } of plant.racks) {
    const { system } = plant.pools[pool]!
    const nodes = endNode - firstNode
    const { gpus } = plant.systems[system]!
    const last = racks.at(-1)
    if (last?.[1] === nodes && last[2] === gpus && last[3] === system) last[0]++
    else racks.push([1, nodes, gpus, system])
  }
  return {
    factory: plant.name, nodes: plant.nodes, gpus: plant.gpus,
    sites: plant.sites.map(({ name, firstHall, endHall }) =>
      ({ name, first: firstHall, end: endHall })),
    halls: plant.halls.map(({ name, firstRow, endRow }) =>
      ({ name, first: firstRow, end: endRow })),
    rows: plant.rows.map(({ name, firstRack, endRack }) =>
      [name, firstRack, endRack, digitsOf(plant.racks[firstRack]!.name)]),
    racks,
    systems: plant.systems.map(({ name, device }) => [name, plant.devices[device] ?? '']),
  }
}

function digitsOf(name: string): number {
  return /\d+$/.exec(name)?.[0].length ?? 0
}
