// Runs the suite of policies for every order with every backfill and every place, and for every way
// to preempt and to consolidate.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policySuite } from '../../test/suites/policy.suite.ts'
import { powerSuite } from '../../test/suites/power.suite.ts'
import {
  backfillNamed, BACKFILLS, CONSOLIDATES, ORDERS, PLACES, POWERS, PREEMPTS,
} from './index.ts'

for (const order of Object.keys(ORDERS)) {
  for (const backfill of [...Object.keys(BACKFILLS), 'conservative:3']) {
    for (const place of Object.keys(PLACES)) policySuite({ order, backfill, place })
  }
}

for (const preempt of Object.keys(PREEMPTS)) {
  for (const consolidate of Object.keys(CONSOLIDATES)) {
    policySuite({ order: 'priority', backfill: 'easy', place: 'pack', preempt, consolidate })
  }
}

for (const policy of Object.values(POWERS)) {
  powerSuite(policy)
  policySuite({ order: 'priority', backfill: 'easy', place: 'cheapest', power: policy.name })
}

test('each policy goes by its own name and says what it does in a line', () => {
  for (const table of [ORDERS, BACKFILLS, PLACES, PREEMPTS, CONSOLIDATES, POWERS]) {
    for (const [name, policy] of Object.entries(table)) {
      assert.equal(policy.name, name)
      assert.match(policy.summary, /^[a-z][^\n]{10,90}$/)
    }
  }
})

test('a backfill may be named with its depth', () => {
  assert.equal(backfillNamed('conservative'), BACKFILLS.conservative)
  for (const depth of [1, 50, 10_000]) {
    const name = `conservative:${depth}`
    assert.equal(backfillNamed(name).name, name)
  }
  for (const depth of ['', '0', '10001', '1.5', '-1', '5:5', 'ten']) {
    assert.throws(() => backfillNamed(`conservative:${depth}`), {
      name: 'InputError',
      message: `backfill conservative:${depth}: the depth, jobs that hold a reservation, must be a `
        + 'whole number from 1 to 10000, such as conservative:50.',
    })
  }
  assert.throws(() => backfillNamed('easy:5'),
    { message: 'backfill easy:5: easy takes no depth; write easy.' })
  assert.throws(() => backfillNamed('esy'),
    { message: 'backfill esy: use one of none, easy, conservative.' })
})
