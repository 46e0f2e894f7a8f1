// Shows that things to come leave by time, equal times in the order they came, against a sorted
// list.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { AssertionError } from './assert.ts'
import { EventQueue } from './event-queue.ts'

test('equal times leave in the order they came, whatever lies between', () => {
  const queue = new EventQueue()
  for (const [atMs, payload] of [[5, 1], [3, 2], [5, 3], [3, 4], [5, 5], [1, 6]] as const) {
    queue.push(atMs, payload)
  }
  assert.equal(queue.peekAtMs(), 1)
  assert.deepEqual(Array.from({ length: 6 }, () => queue.pop()), [6, 2, 4, 1, 3, 5])
  assert.equal(queue.peekAtMs(), Infinity)
  assert.throws(() => queue.pop(), AssertionError)
})

test('any mix of pushes and pops is that of a list that is sorted stably', () => {
  // A number is a push at that time, undefined a pop. Few different times make many equal.
  const steps = fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined, freq: 3 }),
    { maxLength: 400 })
  fc.assert(fc.property(steps, (list) => {
    const queue = new EventQueue()
    const model: { atMs: number, payload: number }[] = []
    list.forEach((atMs, payload) => {
      if (atMs !== undefined) {
        queue.push(atMs, payload)
        model.push({ atMs, payload })
        model.sort((a, b) => a.atMs - b.atMs)
      } else if (model.length > 0) {
        assert.equal(queue.peekAtMs(), model[0]!.atMs)
        assert.equal(queue.pop(), model.shift()!.payload)
      }
      assert.equal(queue.size, model.length)
    })
  }))
})
