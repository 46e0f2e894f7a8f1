import type { Plant } from '../model/index.ts'

/** Places that a scenario names, as indexes; -1 where there is none of that name. */

export function feederNamed(plant: Plant, name: string): number {
  return plant.feeders.findIndex((feeder) => feeder.name === name)
}

export function siteNamed(plant: Plant, name: string): number {
  return plant.sites.findIndex((site) => site.name === name)
}

/** Place of a supply in the list of its site; -1 where the file names none so. */
export function supplyNamed(plant: Plant, site: number, name: string | undefined): number {
  return plant.sites[site]?.supplies?.findIndex((supply) => supply.name === name) ?? -1
}

/** A rack's name and the number of the node in it, from 1: hall1/row01/rack01/2. */
export function nodeNamed(plant: Plant, name: string): number {
  const [, rackName, number] = /^(.+)\/([0-9]+)$/.exec(name) ?? []
  const rack = plant.racks.find((each) => each.name === rackName)
  if (rack === undefined) return -1
  const node = rack.firstNode + Number(number) - 1
  return node >= rack.firstNode && node < rack.endNode ? node : -1
}

/** Feeders that stand for one hall, or for each hall of a site: their ratio is its cooling. */
export function hallFeeders(
  plant: Plant, { hall, site }: { hall?: string | undefined, site?: string | undefined },
): number[] {
  const names = hall !== undefined ? [hall] : plant.halls
    .filter((each) => plant.sites[each.site]!.name === site).map((each) => each.name)
  return names.map((name) => feederNamed(plant, name)).filter((feeder) => feeder >= 0)
}
