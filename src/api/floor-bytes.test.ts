// The bytes of a floor read back as its runs, and changes between two floors lead from one to the
// other: random floors against plain arrays.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesOf, changesOf } from './floor-bytes.ts'
import type { FloorRuns } from './floor-values.ts'

const DEVICES = 40
const floor = fc.array(
  fc.oneof(fc.nat(3), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })),
  { minLength: DEVICES, maxLength: DEVICES })

test('bytes read back', () => {
  fc.assert(fc.property(floor, (devices) => {
    const bytes = bytesOf(runsOf(devices))
    const read: number[] = []
    let at = 0
    const number = () => {
      let value = 0
      for (let scale = 1; ; scale *= 128) {
        const byte = bytes[at++]!
        value += (byte & 127) * scale
        if (byte < 128) return value
      }
    }
    while (at < bytes.length) {
      const count = number()
      const value = number()
      for (let i = 0; i < count; i++) read.push(value)
    }
    assert.deepEqual(read, devices)
  }))
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
