// Shows the two-level sets against a Set of numbers, at sizes around the edges of words.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  addBit, addBits, bitsetWords, countBetween, countBits, lowestBit, nextBit, removeBit, removeBits,
} from './bitset.ts'

test('members and the next one are those of a Set', () => {
  const sizes = fc.constantFrom(1, 31, 32, 33, 64, 1023, 1024, 1025, 33_000)
  const world = sizes.chain((size) => fc.record({
    size: fc.constant(size),
    base: fc.integer({ min: 0, max: 3 }),
    steps: fc.array(fc.record({ member: fc.nat(size - 1), isIn: fc.boolean() }), { maxLength: 60 }),
    from: fc.array(fc.nat(size + 40), { maxLength: 20 }),
  }))
  fc.assert(fc.property(world, ({ size, base, steps, from }) => {
    const bits = new Int32Array(base + bitsetWords(size))
    const model = new Set<number>()
    for (const { member, isIn } of steps) {
      if (isIn) addBit(bits, base, size, member)
      else removeBit(bits, base, size, member)
      if (isIn) model.add(member)
      else model.delete(member)
    }
    const sorted = [...model].sort((a, b) => a - b)
    for (const start of [0, ...sorted, ...sorted.map((member) => member + 1), ...from]) {
      assert.equal(nextBit(bits, base, size, start),
        sorted.find((member) => member >= start) ?? -1)
      for (const end of from) {
        assert.equal(countBetween(bits, base, size, start, end),
          sorted.filter((member) => member >= start && member < end).length)
      }
    }
    // What lies before the slice is not touched.
    assert.ok(bits.subarray(0, base).every((word) => word === 0))
  }))
})

test('a run of members is as each of them', () => {
  const step = fc.record({
    from: fc.nat(2100), length: fc.nat(100), isIn: fc.boolean(),
  })
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const size = 2100
    const runs = new Int32Array(bitsetWords(size))
    const each = new Int32Array(bitsetWords(size))
    for (const { from, length, isIn } of steps) {
      const end = Math.min(size, from + length)
      if (isIn) addBits(runs, 0, size, from, end)
      else removeBits(runs, 0, size, from, end)
      for (let member = from; member < end; member++) {
        if (isIn) addBit(each, 0, size, member)
        else removeBit(each, 0, size, member)
      }
      assert.deepEqual(runs, each)
    }
  }))
})

test('bits of a word', () => {
  fc.assert(fc.property(fc.integer(), (word) => {
    const digits = (word >>> 0).toString(2)
    assert.equal(countBits(word), digits.replaceAll('0', '').length)
    if (word !== 0) assert.equal(lowestBit(word), digits.length - 1 - digits.lastIndexOf('1'))
  }))
})
