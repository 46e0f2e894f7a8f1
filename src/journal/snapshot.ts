import { Arena } from '../base/table.ts'
import { layoutOf } from '../core/layout.ts'
import { SPECS, type State, type Totals } from '../core/state.ts'
import { InputError, type Plant } from '../model/index.ts'

/** A state as bytes: a line of JSON with counts and totals, then the columns as they are. */
export function saveSnapshot(state: State): Uint8Array {
  const { arena, totals, names } = state
  const head = JSON.stringify({ version: 1, rows: arena.rows, totals, names: [...names] })
  const headBytes = new TextEncoder().encode(`${head}\n`)
  const bytes = new Uint8Array(headBytes.length + arena.buffer.byteLength)
  bytes.set(headBytes)
  bytes.set(new Uint8Array(arena.buffer), headBytes.length)
  return bytes
}

/** The state that was saved, for the same plant. Costs one copy of the columns. */
export function loadSnapshot(plant: Plant, bytes: Uint8Array): State {
  const end = bytes.indexOf(10)
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))) as {
    version: number, rows: Arena<typeof SPECS>['rows'], totals: Totals, names: (string | null)[]
  }
  if (head.version !== 1) {
    throw new InputError(`The snapshot has version ${head.version}; this Millrace reads 1.`)
  }
  const buffer = new SharedArrayBuffer(bytes.length - end - 1)
  new Uint8Array(buffer).set(bytes.subarray(end + 1))
  const arena = new Arena(SPECS, head.rows, buffer)
  const names: string[] = []
  head.names.forEach((name, row) => { if (name !== null) names[row] = name })
  return { layout: layoutOf(plant), arena, tables: arena.tables, totals: head.totals, names }
}
