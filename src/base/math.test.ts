// Shows exp, log and pow against Math.*, which are right to about a last bit here, over all of
// their range; whole-number division rounded up; and a held normal value against a sum over it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { AssertionError } from './assert.ts'
import { divideUp, exp, heldNormal, log, pow } from './math.ts'

function near(found: number, wanted: number, error: number, message: string): void {
  const isNear = found === wanted || Math.abs(found - wanted) <= error * Math.abs(wanted)
  assert.ok(isNear, `${message} is ${found}, should be ${wanted}`)
}

test('exp, down to where it loses bits itself', () => {
  for (let x = -708; x <= 709.7; x += 0.0371) near(exp(x), Math.exp(x), 1e-14, `exp ${x}`)
  fc.assert(fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
    near(exp(x), Math.exp(x), 1e-14, `exp ${x}`)
  }))
  // Below 2^-1022 a number has fewer bits.
  for (let x = -744; x < -708; x += 0.5) assert.ok(Math.abs(exp(x) - Math.exp(x)) <= 1e-323)
  assert.deepEqual([0, -746, 710, -Infinity, Infinity].map(exp), [1, 0, Infinity, 0, Infinity])
})

test('log, near 1 and at both ends', () => {
  for (const x of [5e-324, 1e-310, 2.3e-308, 1e-20, 0.5, 1 - 1e-12, 1 + 1e-12, Math.SQRT2, 2, 1e300,
    Number.MAX_VALUE]) near(log(x), Math.log(x), 1e-14, `log ${x}`)
  fc.assert(fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
    near(log(x), Math.log(x), 1e-14, `log ${x}`)
  }))
  for (let x = 0.5; x < 2; x += 0.0007) near(log(x), Math.log(x), 1e-14, `log ${x}`)
  assert.deepEqual([1, Infinity].map(log), [0, Infinity])
  for (const x of [0, -1, NaN]) assert.throws(() => log(x), AssertionError)
})

test('pow: its error grows with the exponent, as y log x is rounded once', () => {
  const small = fc.double({ min: 1e-3, max: 1e3, noNaN: true })
  const power = fc.double({ min: -4, max: 4, noNaN: true })
  fc.assert(fc.property(small, power, (x, y) => { near(pow(x, y), x ** y, 1e-14, `${x}^${y}`) }))
  near(pow(2, 10), 1024, 1e-14, '2^10')
})

test('a division rounded up', () => {
  assert.deepEqual([[0, 5], [1, 5], [5, 5], [6, 5]].map(([a, b]) => divideUp(a!, b!)), [0, 1, 1, 2])
  const whole = fc.integer({ min: 0, max: 2 ** 45 })
  fc.assert(fc.property(whole, fc.integer({ min: 1, max: 2 ** 20 }), (a, b) => {
    const up = divideUp(a, b)
    assert.ok(up * b >= a && (up - 1) * b < a)
  }))
})

test('a normal value that is held, against its sums in small steps', () => {
  for (let t = -4; t <= 4; t += 0.37) {
    let [mean, square] = [0, 0]
    const step = 1e-3
    for (let z = -9; z < 9; z += step) {
      const chance = step * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI)
      mean += chance * Math.min(z, t)
      square += chance * Math.min(z, t) ** 2
    }
    const found = heldNormal(t)
    assert.ok(Math.abs(found.mean - mean) < 1e-5, `mean at ${t}`)
    assert.ok(Math.abs(found.variance - (square - mean * mean)) < 1e-5, `variance at ${t}`)
  }
})
