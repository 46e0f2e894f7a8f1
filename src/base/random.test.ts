// Shows that a stream gives the same numbers for ever, that names part streams, that a stream goes
// on from its saved words, and that its numbers are spread as they should be.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RandomStream, randomStream } from './random.ts'

test('known values: a change of them would change every run', () => {
  const stream = randomStream(1, 'faults')
  assert.deepEqual(Array.from({ length: 4 }, () => stream.uint32()),
    [858473576, 2954912451, 2917621826, 1745402307])
  assert.equal(randomStream(1, 'faults').uniform(), 0.19987895619860552)
})

test('sfc32 itself, against a plain copy of its published steps', () => {
  const state = new Int32Array([1, 2, 3, 4])
  const stream = new RandomStream(state)
  let [a, b, c, counter] = [1, 2, 3, 4]
  for (let step = 0; step < 1000; step++) {
    const sum = (a + b + counter) >>> 0
    counter = (counter + 1) >>> 0
    a = (b ^ (b >>> 9)) >>> 0
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0
    assert.equal(stream.uint32(), sum)
  }
})

test('another name or seed is another stream; the saved words go on with the same one', () => {
  const first = (seed: number, name: string) => randomStream(seed, name).uint32()
  const all = [first(1, 'a'), first(1, 'b'), first(2, 'a'), first(2 ** 32 + 1, 'a'), first(-1, 'a')]
  assert.equal(new Set(all).size, all.length)
  const stream = randomStream(7, 'x')
  stream.uint32()
  const twin = new RandomStream(new Int32Array(stream.save()))
  assert.deepEqual([twin.uint32(), twin.uniform()], [stream.uint32(), stream.uniform()])
})

test('uniform, below and exponential have the right mean and spread', () => {
  const stream = randomStream(3, 'spread')
  const draws = 200_000
  const sides = new Float64Array(6)
  let sum = 0
  let squares = 0
  let waits = 0
  for (let draw = 0; draw < draws; draw++) {
    const value = stream.uniform()
    assert.ok(value > 0 && value < 1)
    sum += value
    squares += value * value
    sides[stream.below(6)]!++
    waits += stream.exponential(10)
  }
  // Four standard errors: 0.2887 / sqrt(n) for the mean, and so on.
  const within = (value: number, mean: number, deviation: number) =>
    assert.ok(Math.abs(value - mean) < (4 * deviation) / Math.sqrt(draws), `${value} is ${mean}`)
  within(sum / draws, 1 / 2, 0.2887)
  within(squares / draws, 1 / 3, 0.2981)
  within(waits / draws, 10, 10)
  for (const count of sides) within(count / draws, 1 / 6, 0.3727)
})

test('a normal number has mean 0 and deviation 1, and one in 370 is beyond three of them', () => {
  const random = randomStream(1, 'normal')
  let sum = 0
  let squares = 0
  let far = 0
  const count = 100_000
  for (let at = 0; at < count; at++) {
    const value = random.normal()
    sum += value
    squares += value * value
    if (Math.abs(value) > 3) far++
  }
  assert.ok(Math.abs(sum / count) < 0.01)
  assert.ok(Math.abs(squares / count - 1) < 0.02)
  assert.ok(Math.abs(far / count - 0.0027) < 0.0008)
})
