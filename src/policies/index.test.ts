// Runs the suite of policies for every order with every backfill and every place, and for every way
// to preempt and to consolidate.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policySuite } from '../../test/suites/policy.suite.ts'
import { BACKFILLS, CONSOLIDATES, ORDERS, PLACES, PREEMPTS } from './index.ts'

for (const order of Object.keys(ORDERS)) {
  for (const backfill of Object.keys(BACKFILLS)) {
    for (const place of Object.keys(PLACES)) policySuite({ order, backfill, place })
  }
}

for (const preempt of Object.keys(PREEMPTS)) {
  for (const consolidate of Object.keys(CONSOLIDATES)) {
    policySuite({ order: 'priority', backfill: 'easy', place: 'pack', preempt, consolidate })
  }
}

test('each policy goes by its own name and says what it does in a line', () => {
  for (const table of [ORDERS, BACKFILLS, PLACES, PREEMPTS, CONSOLIDATES]) {
    for (const [name, policy] of Object.entries(table)) {
      assert.equal(policy.name, name)
      assert.match(policy.summary, /^[a-z][^\n]{10,90}$/)
    }
  }
})
