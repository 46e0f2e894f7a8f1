// Shows that a call is held against its contract: firm watts, notice and hours a year.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suppliesOf } from '../../test/contract/supplies.ts'
import { SupplyMix } from './mix.ts'

const HOUR_MS = 3_600_000
const MW = 1e6

test('a call within the contract is followed; one beyond it is followed, and said to be so', () => {
  const mix = new SupplyMix(suppliesOf([{ type: 'grid', firm: '100 MW', interruptible: '50 MW',
    notice: '30m', calledHours: 3 }]), { atMs: 0, demandW: 80 * MW })
  assert.deepEqual(mix.curtail(0, HOUR_MS, 3 * HOUR_MS, 100 * MW), [])
  assert.deepEqual(mix.curtail(0, HOUR_MS / 6, HOUR_MS, 90 * MW), [
    'grid leaves 90 MW, and owes 100 MW at any time; no less than that may be called',
    'grid calls after 10 min, and owes 30 min of notice; a later call would do',
  ])
  assert.deepEqual(mix.curtail(0, 10 * HOUR_MS, 11 * HOUR_MS, 120 * MW), [
    'grid has called for 2 h 50 min this year and now for 1 h; its contract allows 3 h in all'])
  assert.equal(mix.availableW(HOUR_MS / 2) / MW, 90)
  // In the next year the hours begin anew.
  assert.deepEqual(mix.curtail(0, 8761 * HOUR_MS, 8763 * HOUR_MS, 100 * MW), [])
})
