// Runs the suite of policies for every order with every backfill and every place.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policySuite } from '../../test/suites/policy.suite.ts'
import { BACKFILLS, ORDERS, PLACES } from './index.ts'

for (const order of Object.keys(ORDERS)) {
  for (const backfill of Object.keys(BACKFILLS)) {
    for (const place of Object.keys(PLACES)) policySuite({ order, backfill, place })
  }
}

test('each policy goes by its own name and says what it does in a line', () => {
  for (const table of [ORDERS, BACKFILLS, PLACES]) {
    for (const [name, policy] of Object.entries(table)) {
      assert.equal(policy.name, name)
      assert.match(policy.summary, /^[a-z][^\n]{10,90}$/)
    }
  }
})
