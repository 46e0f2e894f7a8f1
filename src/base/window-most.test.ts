// Shows the most of what was within a while, against a plain search of random values.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomStream } from './random.ts'
import { WindowMost } from './window-most.ts'

test('the most within a while is that of a plain search', () => {
  const random = randomStream(1, 'window')
  const window = new WindowMost()
  const all: { readonly atMs: number, readonly value: number }[] = []
  let atMs = 0
  for (let step = 0; step < 5000; step++) {
    atMs += random.below(3)
    const value = random.below(1000) - (step % 700)
    all.push({ atMs, value })
    window.add(atMs, value)
    window.forget(atMs - 400)
    const within = all.filter((each) => each.atMs > atMs - 400)
    assert.equal(window.most(), Math.max(...within.map((each) => each.value)))
  }
})

test('nothing has no most', () => {
  const window = new WindowMost()
  assert.equal(window.most(), -Infinity)
  window.add(1, 5)
  window.forget(1)
  assert.equal(window.most(), -Infinity)
})
