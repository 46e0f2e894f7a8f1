import { NONE } from '../base/id.ts'
import type { Feeder, Hall, Plant, Rack, Row } from '../model/index.ts'
import { RATIO_ONE } from '../model/index.ts'
import { layoutOf } from './layout.ts'
import { replant } from './replant.ts'
import type { State } from './state.ts'

/**
 * The state in a factory with more nodes in one of its pools. They stand in racks like the pool's
 * own, in a new row at the end of the hall of its last rack, and hang from that hall's feeder (its
 * site's where it has none). The row and its racks carry their rating. A feeder above that could
 * never bind still cannot; every other limit stays what it is. Ids of nodes, racks and rows behind
 * the new ones move up. Grants may exceed a limit by the base load of the new nodes: whoever asks
 * looks at the headroom.
 */
export function growState(state: State, pool: number, nodes: number): State {
  const { plant } = state.layout
  const at = placeOf(plant, pool)
  const grown = growPlant(state, pool, nodes, at)
  return replant(state, grown, { nodeOf: (node) => node < at.node ? node : node + nodes })
}

/** Where the new row goes: behind what is in the hall. */
type Place = {
  readonly hall: number, readonly row: number, readonly rack: number, readonly node: number
  readonly feeder: number
}

function placeOf(plant: Plant, pool: number): Place {
  const last = plant.racks.findLast((rack) => rack.pool === pool)!
  const { hall } = plant.rows[last.row]!
  const row = plant.halls[hall]!.endRow
  const rack = plant.rows[row - 1]!.endRack
  let feeder = last.feeder
  while (feeder !== NONE && plant.feeders[feeder]!.name !== plant.halls[hall]!.name) {
    feeder = plant.feeders[feeder]!.parent
  }
  if (feeder === NONE) ({ feeder } = plant.sites[plant.halls[hall]!.site]!)
  return { hall, row, rack, node: plant.racks[rack - 1]!.endNode, feeder }
}

function growPlant(state: State, pool: number, nodes: number, at: Place): Plant {
  const { plant, nameplateW } = state.layout
  const { name, racks, feeders } = newRacks(plant, pool, nodes, at)
  const row: Row = { name, hall: at.hall, firstRack: at.rack, endRack: at.rack + racks.length }
  const { gpus } = plant.systems[plant.pools[pool]!.system]!
  const grown = {
    ...plant,
    halls: plant.halls.map((hall, id): Hall => ({
      ...hall,
      firstRow: hall.firstRow + (id > at.hall ? 1 : 0),
      endRow: hall.endRow + (id >= at.hall ? 1 : 0),
    })),
    rows: plant.rows.map((each): Row => each.firstRack < at.rack ? each : {
      ...each, firstRack: each.firstRack + racks.length, endRack: each.endRack + racks.length,
    }).toSpliced(at.row, 0, row),
    racks: plant.racks.map((rack, id): Rack => id < at.rack ? rack : {
      ...rack, row: rack.row + 1, firstNode: rack.firstNode + nodes, endNode: rack.endNode + nodes,
    }).toSpliced(at.rack, 0, ...racks),
    feeders: [...plant.feeders, ...feeders],
    nodes: plant.nodes + nodes,
    gpus: plant.gpus + nodes * gpus,
  }
  const after = layoutOf(grown).nameplateW
  const isFree = (feeder: number) => feeder >= plant.feeders.length
    || plant.feeders[feeder]!.limitW >= nameplateW[feeder]!
  return {
    ...grown,
    feeders: grown.feeders.map((feeder, id) =>
      isFree(id) ? { ...feeder, limitW: Math.max(feeder.limitW, after[id]!) } : feeder),
  }
}

/** Racks like the fullest of the pool, the last one partly filled, and the feeders of the row. */
function newRacks(plant: Plant, pool: number, nodes: number, at: Place) {
  const sizeOf = (rack: Rack) => rack.endNode - rack.firstNode
  const model = plant.racks.filter((rack) => rack.pool === pool)
    .reduce((most, rack) => sizeOf(rack) > sizeOf(most) ? rack : most)
  const leaf = plant.feeders[model.feeder]!
  const above = leaf.parent === at.feeder || leaf.parent < 0 ? undefined
    : plant.feeders[leaf.parent]
  const name = freeName(plant, `${plant.halls[at.hall]!.name}/added`)
  const rowFeeder = plant.feeders.length
  const feeders: Feeder[] = [{
    name, parent: at.feeder, limitW: 0, baseW: 0, ratioPer10k: above?.ratioPer10k ?? RATIO_ONE,
  }]
  const racks: Rack[] = []
  for (let first = 0; first < nodes; first += sizeOf(model)) {
    const size = Math.min(sizeOf(model), nodes - first)
    const rackName = `${name}/rack${racks.length + 1}`
    feeders.push({
      ...leaf, name: rackName, parent: rowFeeder, limitW: 0,
      baseW: Math.round((leaf.baseW * size) / sizeOf(model)),
    })
    racks.push({
      name: rackName, row: at.row, pool, feeder: rowFeeder + racks.length + 1,
      firstNode: at.node + first, endNode: at.node + first + size,
    })
  }
  return { name, racks, feeders }
}

function freeName(plant: Plant, name: string): string {
  const taken = new Set(plant.rows.map((row) => row.name))
  let count = 1
  while (taken.has(`${name}${count}`)) count++
  return `${name}${count}`
}
