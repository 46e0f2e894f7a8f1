import { Arena } from '../base/table.ts'
import { layoutOf, type Layout } from '../core/layout.ts'
import { Margins } from '../core/margins.ts'
import { Releases } from '../core/releases.ts'
import { SPECS, type State, type Totals } from '../core/state.ts'
import type { Plant } from '../model/index.ts'

/**
 * A copy of a state for another thread: the columns are one shared buffer, so only a few numbers
 * and the names are sent. The plant goes along once; the thread keeps what it made of it.
 */
export type SharedState = {
  readonly plantId: number
  /** The first time only. */
  readonly plant: Plant | undefined
  readonly buffer: SharedArrayBuffer
  readonly rows: Arena<typeof SPECS>['rows']
  readonly totals: Totals
  readonly names: readonly string[]
}

/** Costs one copy of the columns, into a `spare` buffer where that has their size. */
export function shareState(
  state: State, plantId: number, isKnown: boolean, spare: SharedArrayBuffer | undefined,
): SharedState {
  const { arena, totals, names, layout } = state
  const { byteLength } = arena.buffer
  const buffer = spare?.byteLength === byteLength ? spare : new SharedArrayBuffer(byteLength)
  new Uint8Array(buffer).set(new Uint8Array(arena.buffer))
  return {
    plantId, plant: isKnown ? undefined : layout.plant, buffer, rows: { ...arena.rows },
    totals: { ...totals }, names,
  }
}

/** A state that the thread which made it gives away: nothing is copied. */
export function handedState({ arena, totals, names }: State): SharedState {
  return {
    plantId: 0, plant: undefined, buffer: arena.buffer, rows: { ...arena.rows }, totals, names,
  }
}

/** A state that was given away, of a plant that is known here. */
export function takenState(
  { buffer, rows, totals, names }: SharedState, layout: Layout): State {
  const arena = new Arena(SPECS, rows, buffer)
  return {
    layout, arena, tables: arena.tables, totals, names: [...names],
    releases: new Releases(), margins: new Margins(),
  }
}

const layouts = new Map<number, Layout>()

/** The state again, in the other thread. It may be written to. */
export function sharedState({ plantId, plant, buffer, rows, totals, names }: SharedState): State {
  let layout = layouts.get(plantId)
  if (layout === undefined) {
    layout = layoutOf(plant!)
    layouts.set(plantId, layout)
  }
  const arena = new Arena(SPECS, rows, buffer)
  return {
    layout, arena, tables: arena.tables, totals: { ...totals }, names: [...names],
    releases: new Releases(), margins: new Margins(),
  }
}
