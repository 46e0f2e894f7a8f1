// Shows the mean and the quantiles of samples, small ones by hand and any against their meaning.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Sample } from './stats.ts'

function sampleOf(values: readonly number[]): Sample {
  const sample = new Sample()
  for (const value of values) sample.add(value)
  return sample
}

test('by hand', () => {
  const sample = sampleOf([30, 10, 20, 40])
  assert.equal(sample.mean(), 25)
  // Half of four values do not exceed 20; nine tenths need all four.
  assert.deepEqual([0, 0.25, 0.5, 0.51, 0.9, 1].map((ratio) => sample.quantile(ratio)),
    [10, 10, 20, 30, 40, 40])
  sample.add(5)
  assert.equal(sample.quantile(0.2), 5, 'a value that comes later is sorted in')
  assert.deepEqual([sampleOf([]).mean(), sampleOf([]).quantile(0.5), sampleOf([]).size], [0, 0, 0])
})

test('a quantile is the smallest value that the share does not exceed', () => {
  const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 3000 })
  fc.assert(fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, ratio) => {
    const found = sampleOf(list).quantile(ratio)
    const share = (most: number) => list.filter((value) => value <= most).length / list.length
    assert.ok(list.includes(found) && share(found) >= ratio - 1e-12)
    const below = list.filter((value) => value < found)
    if (below.length > 0) assert.ok(share(Math.max(...below)) < ratio + 1e-12)
  }), { numRuns: 50 })
})
