import { createHash } from 'node:crypto'
import { Arena } from '../base/table.ts'
import { layoutOf } from '../core/layout.ts'
import { Margins } from '../core/margins.ts'
import { Releases } from '../core/releases.ts'
import { SPECS, type State, type Totals } from '../core/state.ts'
import { InputError, type Plant } from '../model/index.ts'
import { catalogueOf } from './header.ts'

/** Version of what a snapshot looks like. */
const VERSION = 2

/** Bytes of the SHA-256 at the end, over all before it. */
const DIGEST_BYTES = 32

type Head = {
  readonly version: number
  readonly catalogue: string
  readonly rows: Arena<typeof SPECS>['rows']
  readonly totals: Totals
  readonly names: readonly (string | null)[]
}

/** A state as bytes: a line of JSON with counts and totals, the columns as they are, a digest. */
export function saveSnapshot(state: State): Uint8Array {
  const { arena, totals, names, layout } = state
  const head: Head = {
    version: VERSION, catalogue: catalogueOf(layout.plant), rows: arena.rows, totals,
    names: Array.from(names, (name) => name ?? null),
  }
  const headBytes = new TextEncoder().encode(`${JSON.stringify(head)}\n`)
  const end = headBytes.length + arena.buffer.byteLength
  const bytes = new Uint8Array(end + DIGEST_BYTES)
  bytes.set(headBytes)
  bytes.set(new Uint8Array(arena.buffer), headBytes.length)
  bytes.set(digestOf(bytes.subarray(0, end)), end)
  return bytes
}

/** The state that was saved, for the same plant. Costs one copy of the columns and their hash. */
export function loadSnapshot(plant: Plant, bytes: Uint8Array): State {
  const head = headOf(bytes)
  if (head.catalogue !== catalogueOf(plant)) {
    throw new InputError('The snapshot is of another plant, or the catalogue has changed since. '
      + 'Replay the journal of the run instead.', 3)
  }
  // Those of before there were supplies in a state have no cells for them.
  const arena = new Arena(SPECS, { ...head.rows, supplies: head.rows.supplies ?? 0 })
  const columns = bytes.subarray(bytes.indexOf(10) + 1, bytes.length - DIGEST_BYTES)
  if (columns.length !== arena.buffer.byteLength) throw otherVersion(head.version)
  new Uint8Array(arena.buffer).set(columns)
  const layout = layoutOf(plant)
  arena.grow('supplies', layout.supplyCells.total)
  const names: string[] = []
  head.names.forEach((name, row) => { if (name !== null) names[row] = name })
  return { layout, arena, tables: arena.tables, totals: head.totals, names,
    releases: new Releases(), margins: new Margins() }
}

/** Checks the digest before anything is read but the version. */
function headOf(bytes: Uint8Array): Head {
  const line = new TextDecoder().decode(bytes.subarray(0, Math.max(0, bytes.indexOf(10))))
  const version = /^\{"version":(\d+),/.exec(line)?.[1]
  if (version !== undefined && Number(version) !== VERSION) throw otherVersion(Number(version))
  const end = Math.max(0, bytes.length - DIGEST_BYTES)
  if (version === undefined || !digestOf(bytes.subarray(0, end)).equals(bytes.subarray(end))) {
    throw new InputError('The snapshot does not match its SHA-256: it was cut off or changed after '
      + 'it was written. Replay the journal of the run instead.', 3)
  }
  return JSON.parse(line) as Head
}

function otherVersion(version: number): InputError {
  return new InputError(`The snapshot has version ${version} or columns that this Millrace does `
    + `not have; it reads version ${VERSION}. Replay the journal of the run instead.`)
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
