// The bytes of a floor read back as its runs, and changes between two floors lead from one to the
// other: random floors against plain arrays.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readRuns } from '../../web/src/floor/paint.ts'
import { bytesOf, changesOf } from '../../src/api/floor-bytes.ts'
import type { FloorRuns } from '../../src/api/floor-values.ts'

const DEVICES = 40
const floor = fc.array(
  fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  { minLength: DEVICES, maxLength: DEVICES })

test('bytes read back', () => {
  fc.assert(fc.property(floor, (devices) => {
    const read = new Uint32Array(DEVICES)
    assert.equal(readRuns(bytesOf(runsOf(devices)), read), DEVICES)
    assert.deepEqual([...read], devices)
  }))
})

test('values that come again after many others read back', () => {
  const devices = Array.from({ length: 1000 }, (_, at) => at * 37 % 150 * 1_000_003)
  const read = new Uint32Array(devices.length)
  readRuns(bytesOf(runsOf(devices)), read)
  assert.deepEqual([...read], devices)
})

test('changes lead from one floor to the other, and touch nothing else', () => {
  fc.assert(fc.property(floor, floor, (before, after) => {
    const changes = changesOf(runsOf(before), runsOf(after), DEVICES)!
    const made = [...before]
    for (let at = 0; at < changes.length; at += 3) {
      const [first, count, value] = changes.slice(at, at + 3) as [number, number, number]
      for (let device = first; device < first + count; device++) {
        assert.notEqual(made[device], value)
        made[device] = value
      }
    }
    assert.deepEqual(made, after)
  }))
})

test('where too much changed there are no changes', () => {
  const before = runsOf([0, 0, 0, 0])
  assert.equal(changesOf(before, runsOf([1, 0, 1, 0]), 1), undefined)
  assert.deepEqual(changesOf(before, runsOf([1, 1, 0, 0]), 1), [0, 2, 1])
})

function runsOf(devices: readonly number[]): FloorRuns {
  const values: number[] = []
  const ends: number[] = []
  devices.forEach((value, device) => {
    if (value === values.at(-1)) ends[ends.length - 1] = device + 1
    else {
      values.push(value)
      ends.push(device + 1)
    }
  })
  return { values, ends }
}
