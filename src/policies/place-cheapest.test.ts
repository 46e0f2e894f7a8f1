// Shows where gangs go when feeders have prices, on a toy plant of two halls, by hand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { submit, toyState } from '../../test/toy-state.ts'
import { apply } from '../core/apply.ts'
import { placeIn } from './size.ts'
import { PLACES } from './index.ts'

/** Feeders: 0 site, 1 hall0, 2 row0, 3 rack0, 4 hall1, 5 row1, 6 rack1; two nodes in each hall. */
function spansOf(prices: Readonly<Record<number, number>>, gpus = 1): readonly number[] {
  const state = toyState({ sites: [[[[2]], [[2]]]] })
  const feeders = Object.keys(prices).map(Number)
  apply(state, {
    type: 'power.priced', feeders, prices: feeders.map((feeder) => prices[feeder]!),
    drawPrices: feeders.map(() => 0),
  })
  const job = submit(state, { gpus })
  const found = placeIn(state, job, 0, PLACES['cheapest']!)
  assert.ok(found !== undefined && 'placement' in found)
  return found.placement.spans
}

test('without prices, and where all are alike, it packs', () => {
  assert.deepEqual(spansOf({}), [0, 1, 0])
  assert.deepEqual(spansOf({ 0: 0.5 }), [0, 1, 0])
})

test('a hall that binds is passed over while another has room', () => {
  assert.deepEqual(spansOf({ 1: 0.01 }), [2, 3, 0])
  assert.deepEqual(spansOf({ 1: 0.01, 4: 0.02 }), [0, 1, 0])
  // The row, too, feeds all of the hall.
  assert.deepEqual(spansOf({ 2: 0.03, 4: 0.02 }), [2, 3, 0])
})

test('a gang that fits into no one hall goes where it fits', () => {
  assert.deepEqual(spansOf({ 1: 0.01 }, 3), [0, 3, 0])
})
