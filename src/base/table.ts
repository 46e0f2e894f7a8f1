import { assert } from './assert.ts'
import type { Fingerprint } from './hash.ts'

/**
 * Tables of columns in one shared buffer. The buffer is the whole state: a fork is one copy, a
 * snapshot is the bytes, a hash reads them in order.
 */
export type ColumnKind = 'f64' | 'i32' | 'u32' | 'u16' | 'u8'

export type Columns<Spec extends Record<string, ColumnKind>> = {
  [Name in keyof Spec]: ColumnOf[Spec[Name]]
}

type ColumnOf = {
  f64: Float64Array
  i32: Int32Array
  u32: Uint32Array
  u16: Uint16Array
  u8: Uint8Array
}

export type TableSpec = Readonly<Record<string, ColumnKind>>

type AnyColumn = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array

const BYTES: Record<ColumnKind, number> = { f64: 8, i32: 4, u32: 4, u16: 2, u8: 1 }

/**
 * One buffer with several tables. `rows` is how many rows each has room for. Columns are read as
 * `arena.tables.jobs.phase[id]`; they are replaced when a table grows, so never keep one over a
 * call that may add rows.
 */
export class Arena<Specs extends Record<string, TableSpec>> {
  readonly specs: Specs
  readonly rows: Record<keyof Specs, number>
  readonly tables: { [Name in keyof Specs]: Columns<Specs[Name]> }
  buffer: SharedArrayBuffer

  constructor(specs: Specs, rows: Record<keyof Specs, number>, buffer?: SharedArrayBuffer) {
    this.specs = specs
    this.rows = { ...rows }
    const size = this.byteLength()
    assert(buffer === undefined || buffer.byteLength === size, 'a snapshot fits its row counts')
    this.buffer = buffer ?? new SharedArrayBuffer(size)
    const tables: Record<string, unknown> = {}
    for (const name of Object.keys(specs)) tables[name] = {}
    this.tables = tables as { [Name in keyof Specs]: Columns<Specs[Name]> }
    this.bind()
    // V8 makes an object that gets a dozen properties by computed name a dictionary, which takes
    // several times as long to read. A copy of it is none.
    for (const name of Object.keys(specs)) tables[name] = { ...tables[name] as object }
  }

  /**
   * A copy that shares nothing with this one. Costs one copy of the buffer; into the buffer of a
   * `spare` arena that is no longer needed it is several times as fast, since memory that is new
   * to a process costs more than the copying.
   */
  fork(spare?: Arena<Specs>): Arena<Specs> {
    const { byteLength } = this.buffer
    const isFit = spare !== undefined && spare !== this && spare.buffer.byteLength === byteLength
    const buffer = isFit ? spare.buffer : new SharedArrayBuffer(byteLength)
    new Uint8Array(buffer).set(new Uint8Array(this.buffer))
    return new Arena(this.specs, this.rows, buffer)
  }

  /** Gives one table room for at least `rows` rows: at least doubles it, so growth is rare. */
  grow(name: keyof Specs, rows: number): void {
    if (rows <= this.rows[name]) return
    const old = this.columnsInOrder()
    this.rows[name] = Math.max(rows, this.rows[name] * 2)
    this.buffer = new SharedArrayBuffer(this.byteLength())
    this.bind()
    const grown = this.columnsInOrder()
    for (let at = 0; at < old.length; at++) grown[at]!.set(old[at]!)
  }

  /**
   * Fingerprint of the first `used` rows of each table: all rows where it is not given, and below
   * 0 nothing of the table, as if there were none.
   */
  addTo(fingerprint: Fingerprint, used: Partial<Record<keyof Specs, number>>): void {
    for (const name of Object.keys(this.specs) as (keyof Specs & string)[]) {
      const rows = used[name] ?? this.rows[name]
      if (rows < 0) continue
      fingerprint.addNumber(rows)
      for (const column of Object.values(this.tables[name]) as AnyColumn[]) {
        const bytes = rows * column.BYTES_PER_ELEMENT
        fingerprint.addBytes(new Uint8Array(this.buffer, column.byteOffset, bytes))
      }
    }
  }

  private byteLength(): number {
    let bytes = 0
    for (const [name, spec] of Object.entries(this.specs)) {
      for (const kind of Object.values(spec)) bytes += aligned(this.rows[name]! * BYTES[kind])
    }
    return bytes
  }

  private bind(): void {
    let offset = 0
    for (const [name, spec] of Object.entries(this.specs)) {
      const rows = this.rows[name]!
      const columns = this.tables[name] as Record<string, AnyColumn>
      for (const [column, kind] of Object.entries(spec)) {
        columns[column] = view(kind, this.buffer, offset, rows)
        offset += aligned(rows * BYTES[kind])
      }
    }
  }

  private columnsInOrder(): AnyColumn[] {
    return Object.values(this.tables).flatMap((table) => Object.values(table) as AnyColumn[])
  }
}

function aligned(bytes: number): number {
  return (bytes + 7) & ~7
}

function view(kind: ColumnKind, buffer: SharedArrayBuffer, offset: number, rows: number) {
  switch (kind) {
    case 'f64': return new Float64Array(buffer, offset, rows)
    case 'i32': return new Int32Array(buffer, offset, rows)
    case 'u32': return new Uint32Array(buffer, offset, rows)
    case 'u16': return new Uint16Array(buffer, offset, rows)
    case 'u8': return new Uint8Array(buffer, offset, rows)
  }
}
