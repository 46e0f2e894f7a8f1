// docs/invariants.md has a row for each invariant, with the sentence of the code, in its order.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { INVARIANTS } from '../src/core/invariants.ts'

/** What a state alone cannot show: the replay checks it. */
const ELSEWHERE = [
  { id: 'I12', sentence: 'Replaying a journal gives the state of the run.' },
]

test('the table of docs/invariants.md is the one of the code', () => {
  const text = readFileSync(join(import.meta.dirname, '../docs/invariants.md'), 'utf8')
  const rows = [...text.matchAll(/^\| (I\d+[ab]?|index) \| (.*?) \| (.+) \|$/gm)]
  const found = rows.map(([, id, sentence]) => ({ id: id!, sentence: sentence! }))
  const wanted = [...INVARIANTS, ...ELSEWHERE].map(({ id, sentence }) => ({ id, sentence }))
  assert.deepEqual(found, wanted.sort((a, b) => order(a.id) - order(b.id)))
})

/** I4a comes before I4b, and what has no number last. */
function order(id: string): number {
  const [, number, letter] = /^I(\d+)([ab]?)$/.exec(id) ?? [undefined, '99', '']
  return Number(number) * 10 + (letter === 'b' ? 1 : 0)
}
