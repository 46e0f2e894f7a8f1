import { hashText } from '../base/hash.ts'

/** A name, or a whole number from 0 that stands for its decimal digits. */
export type JobId = string | number

/** Names by row, as far as there are rows. */
type NameList = { readonly length: number, readonly idOf: (row: number) => string }

/** A table grows when it is three quarters full: longer probes cost more than the memory. */
const FULL_RATIO = 0.75

/**
 * Finds a row with the same name in a growing list. Most traces count their jobs up, and as long
 * as each name is greater than the last (a longer one, or the later one in the alphabet) none can
 * repeat, so the table is only built when that ends. It is open-addressed and in typed columns,
 * because a Map takes several times the memory.
 */
export class NameTable {
  private readonly rows: NameList
  private isAscending = true
  /** The name of the last row, as long as they ascend. */
  private last: JobId = ''
  private slots = new Int32Array(0)
  private hashes = new Int32Array(0)

  /** The list grows after each call that finds nothing, and only by the name of that call. */
  constructor(rows: NameList) {
    this.rows = rows
  }

  /** The row that has the name already, or -1, when the next row may have it. */
  claim(id: JobId): number {
    const row = this.rows.length
    if (this.isAscending) {
      if (row === 0 || isAfter(id, this.last)) {
        this.last = id
        return -1
      }
      this.isAscending = false
      this.build()
    }
    const name = `${id}`
    const hash = hashText(name, 0)
    const before = this.find(name, hash)
    if (before >= 0) return before
    if (row + 1 > this.slots.length * FULL_RATIO) this.build()
    this.insert(row, hash)
    return -1
  }

  private find(name: string, hash: number): number {
    const mask = this.slots.length - 1
    let slot = hash & mask
    for (let row = this.slots[slot]!; row >= 0; row = this.slots[slot]!) {
      if (this.hashes[row] === hash && this.rows.idOf(row) === name) return row
      slot = (slot + 1) & mask
    }
    return -1
  }

  private insert(row: number, hash: number): void {
    const mask = this.slots.length - 1
    let slot = hash & mask
    while (this.slots[slot]! >= 0) slot = (slot + 1) & mask
    this.slots[slot] = row
    this.hashes[row] = hash
  }

  /** Makes a table with room for as many again; hashes once more, which is rare. */
  private build(): void {
    let size = 1024
    while (size < this.rows.length * 2) size *= 2
    this.slots = new Int32Array(size).fill(-1)
    this.hashes = new Int32Array(size)
    for (let row = 0; row < this.rows.length; row++) {
      this.insert(row, hashText(this.rows.idOf(row), 0))
    }
  }
}

function isAfter(id: JobId, lastId: JobId): boolean {
  if (typeof id === 'number' && typeof lastId === 'number') return id > lastId
  const name = `${id}`
  const last = `${lastId}`
  return name.length > last.length || (name.length === last.length && name > last)
}
