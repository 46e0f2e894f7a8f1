import { nearestWord } from '../base/text.ts'
import { formatCount } from '../base/units.ts'
import type { Layout } from '../core/layout.ts'
import type { Plant } from '../model/index.ts'
import { ProblemError } from './problem.ts'

/** Nodes [first, end). */
export type Nodes = { readonly first: number, readonly end: number }

/** A rack's name and the number of the node in it, from 1. */
export function nodeName({ plant, rackOfNode }: Layout, node: number): string {
  const rack = plant.racks[rackOfNode[node]!]!
  return `${rack.name}/${node - rack.firstNode + 1}`
}

/** Nodes that a text names: a place, a node, or numbers. O(racks). */
export function nodesNamed(layout: Layout, text: string): Nodes {
  const { plant } = layout
  const range = /^([0-9]{1,9})(?:-([0-9]{1,9}))?$/.exec(text)
  if (range !== null) {
    const first = Number(range[1])
    const end = Number(range[2] ?? range[1]) + 1
    if (first < end && end <= plant.nodes) return { first, end }
    throw new ProblemError('no-such-node', `Nodes ${text} are not all here; the nodes are 0 to ${
      plant.nodes - 1}.`, { need: text, have: `0 to ${plant.nodes - 1}` })
  }
  const found = placeNamed(plant, text)
  if (found !== undefined) return found
  const [, rackName, number] = /^(.+)\/([0-9]{1,9})$/.exec(text) ?? []
  const rack = plant.racks.find((each) => each.name === rackName)
  const node = rack === undefined ? -1 : rack.firstNode + Number(number) - 1
  if (rack !== undefined && node >= rack.firstNode && node < rack.endNode) {
    return { first: node, end: node + 1 }
  }
  throw unknown(plant, text)
}

function placeNamed(plant: Plant, name: string): Nodes | undefined {
  const { sites, halls, rows, racks } = plant
  const ofRacks = (first: number, end: number) =>
    ({ first: racks[first]!.firstNode, end: racks[end - 1]!.endNode })
  const ofRows = (first: number, end: number) =>
    ofRacks(rows[first]!.firstRack, rows[end - 1]!.endRack)
  const ofHalls = (first: number, end: number) =>
    ofRows(halls[first]!.firstRow, halls[end - 1]!.endRow)
  const site = sites.find((each) => each.name === name)
  if (site !== undefined) return ofHalls(site.firstHall, site.endHall)
  const hall = halls.find((each) => each.name === name)
  if (hall !== undefined) return ofRows(hall.firstRow, hall.endRow)
  const row = rows.find((each) => each.name === name)
  if (row !== undefined) return ofRacks(row.firstRack, row.endRack)
  const rack = racks.findIndex((each) => each.name === name)
  return rack < 0 ? undefined : ofRacks(rack, rack + 1)
}

/** Names among which a near one is looked for: an answer must not cost a search of them all. */
const NEAR_MOST = 500

function unknown(plant: Plant, name: string): ProblemError {
  const known = [...plant.sites, ...plant.halls, ...plant.rows, ...plant.racks]
    .slice(0, NEAR_MOST).map((each) => each.name)
  return new ProblemError('no-such-node', `There is no place ${name}${near(name, known)}.`, {
    remedy: `Name a site, hall, row, rack or node, such as ${plant.racks[0]!.name}/1.` })
}

/** A feeder by name, or a problem that says which are near. O(feeders). */
export function feederOf(plant: Plant, name: string): number {
  const feeder = plant.feeders.findIndex((each) => each.name === name)
  if (feeder >= 0) return feeder
  const known = plant.feeders.slice(0, NEAR_MOST).map((each) => each.name)
  throw new ProblemError('no-such-feeder', `There is no feeder ${name}${near(name, known)}; there `
    + `are ${formatCount(plant.feeders.length)}, the first is ${plant.feeders[0]!.name}.`)
}

function near(name: string, known: readonly string[]): string {
  const word = nearestWord(name.slice(0, 80), known)
  return word === undefined ? '' : `, and the nearest name is ${word}`
}
