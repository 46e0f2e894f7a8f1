// Shows that an alias table draws each choice as often as its weight says, exactly in the table and
// by count.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AliasTable } from './alias.ts'
import { randomStream } from './random.ts'

test('each choice comes as often as its weight', () => {
  for (const weights of [[1], [1, 1], [1, 2, 3, 4], [0, 5, 0, 1], [1e-9, 1, 1e9], [7, 7, 7, 0]]) {
    const table = new AliasTable(weights)
    const random = randomStream(1, weights.join())
    const draws = 50_000
    const counts = weights.map(() => 0)
    for (let draw = 0; draw < draws; draw++) counts[table.draw(random)]!++
    const sum = weights.reduce((total, weight) => total + weight, 0)
    weights.forEach((weight, at) => {
      const ratio = weight / sum
      const error = 4 * Math.sqrt((ratio * (1 - ratio)) / draws) + 1e-12
      assert.ok(Math.abs(counts[at]! / draws - ratio) <= error, `${weights}: ${counts}`)
      if (weight === 0) assert.equal(counts[at], 0)
    })
  }
})
