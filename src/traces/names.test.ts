// Shows that the table of names finds repeats exactly as a Map does, in any order of the names.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { NameTable } from './names.ts'

class Names {
  readonly texts: string[] = []

  get length(): number {
    return this.texts.length
  }

  idOf(row: number): string {
    return this.texts[row]!
  }
}

test('a repeat is found, whatever came before', () => {
  const name = fc.oneof(fc.string({ maxLength: 2 }), fc.nat(200), fc.nat(200).map(String))
  fc.assert(fc.property(fc.array(name, { maxLength: 300 }), (names) => {
    const rows = new Names()
    const table = new NameTable(rows)
    const known = new Map<string, number>()
    for (const each of names) {
      const id = `${each}`
      assert.equal(table.claim(each), known.get(id) ?? -1)
      if (known.has(id)) continue
      known.set(id, known.size)
      rows.texts.push(id)
    }
  }))
})

test('names that count up, then jump back, are all remembered', () => {
  const rows = new Names()
  const table = new NameTable(rows)
  for (let row = 0; row < 9000; row++) {
    const id = row < 5000 ? `job-${row}` : `a${row}`
    assert.equal(table.claim(id), -1)
    rows.texts.push(id)
  }
  for (const [row, id] of rows.texts.entries()) assert.equal(table.claim(id), row)
})
