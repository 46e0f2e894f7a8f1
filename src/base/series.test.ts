// Shows means, maxima and totals of a value over time against a plain sum over every millisecond,
// through the merging of intervals.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { AssertionError } from './assert.ts'
import { Series } from './series.ts'

test('intervals of ten: 2 for fifteen, then 6 for ten', () => {
  const series = new Series(10)
  series.set(0, 2)
  series.set(15, 6)
  series.advance(25)
  assert.equal(series.count(), 3)
  // The second interval holds 2 and 6, five each; the third has lasted five so far.
  assert.deepEqual(series.means(), [2, 4, 6])
  assert.deepEqual(series.maxima(), [2, 6, 6])
  assert.equal(series.total(), 90)
})

test('a peak of no length still shows as the maximum', () => {
  const series = new Series(10)
  series.set(3, 50)
  series.set(3, 1)
  series.advance(10)
  assert.deepEqual(series.maxima(), [50])
  assert.deepEqual(series.means(), [0.7])
})

test('any steps agree with a sum over every millisecond', () => {
  const steps = fc.array(fc.tuple(fc.nat(40), fc.nat(9)), { maxLength: 30 })
  fc.assert(fc.property(steps, fc.integer({ min: 1, max: 30 }), (list, intervalMs) => {
    const series = new Series(intervalMs)
    const values: number[] = []
    let value = 0
    let nowMs = 0
    for (const [waitMs, next] of list) {
      for (let ms = 0; ms < waitMs; ms++) values.push(value)
      nowMs += waitMs
      value = next
      series.set(nowMs, value)
    }
    series.advance(nowMs)
    assert.equal(series.total(), values.reduce((sum, each) => sum + each, 0))
    series.means().forEach((mean, at) => {
      const part = values.slice(at * intervalMs, (at + 1) * intervalMs)
      const wanted = part.reduce((sum, each) => sum + each, 0) / part.length
      assert.ok(Math.abs(mean - wanted) < 1e-12)
      assert.ok(series.maxima()[at]! >= Math.max(...part))
    })
  }))
})

test('a long run doubles its interval and keeps the total', () => {
  const series = new Series(1)
  for (let at = 0; at < 10_000; at++) series.set(at, at % 7)
  series.advance(10_000)
  assert.equal(series.intervalMs, 8)
  assert.equal(series.count(), 1250)
  let sum = 0
  for (let at = 0; at < 10_000; at++) sum += at % 7
  assert.equal(series.total(), sum)
  const other = new Series(1)
  other.set(0, 1)
  other.advance(100)
  other.widen(series.intervalMs)
  assert.equal(other.count(), 13)
  assert.equal(other.total(), 100)
})

test('time does not go back', () => {
  const series = new Series(10)
  series.set(5, 1)
  assert.throws(() => series.set(4, 2), AssertionError)
})
