// Shows that the table of names finds repeats exactly as a Map does, in any order of the names.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { NameTable } from './names.ts'

test('a repeat is found, whatever came before', () => {
  fc.assert(fc.property(fc.array(fc.string({ maxLength: 2 }), { maxLength: 300 }), (names) => {
    const rows: { id: string }[] = []
    const table = new NameTable(rows)
    const known = new Map<string, number>()
    for (const id of names) {
      assert.equal(table.claim(id), known.get(id) ?? -1)
      if (known.has(id)) continue
      known.set(id, known.size)
      rows.push({ id })
    }
  }))
})

test('names that count up, then jump back, are all remembered', () => {
  const rows: { id: string }[] = []
  const table = new NameTable(rows)
  for (let row = 0; row < 9000; row++) {
    const id = row < 5000 ? `job-${row}` : `a${row}`
    assert.equal(table.claim(id), -1)
    rows.push({ id })
  }
  for (const [row, { id }] of rows.entries()) assert.equal(table.claim(id), row)
})
