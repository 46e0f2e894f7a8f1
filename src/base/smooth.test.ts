// Shows that a smooth curve goes through its points, never swings beyond two neighbours, and is the
// published PCHIP: by random points, and by values that SciPy 1.17 gives for the same points.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { smooth } from './smooth.ts'

test('it goes through its points and stays between neighbours', () => {
  const points = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ max: 99 })),
    { minLength: 1, maxLength: 8 })
  fc.assert(fc.property(points, (steps) => {
    let x = 0
    const xs = steps.map(([width]) => x += width)
    const ys = steps.map(([, y]) => y)
    const at = smooth(xs, ys)
    xs.forEach((each, index) => assert.equal(at(each), ys[index]))
    for (let index = 1; index < xs.length; index++) {
      for (let part = 1; part < 10; part++) {
        const y = at(xs[index - 1]! + (xs[index]! - xs[index - 1]!) * part / 10)
        assert.ok(y >= Math.min(ys[index - 1]!, ys[index]!) - 1e-6 * Math.abs(ys[index]!) - 1e-6)
        assert.ok(y <= Math.max(ys[index - 1]!, ys[index]!) + 1e-6 * Math.abs(ys[index]!) + 1e-6)
      }
    }
  }))
})

test('it is the PCHIP of SciPy', () => {
  const at = smooth([200, 300, 400, 500, 600, 700], [0.32, 0.594, 0.821, 0.915, 0.966, 1])
  assert.deepEqual([100, 210, 350, 425, 690, 800].map((x) => Number(at(x).toFixed(6))),
    [0.32, 0.349535, 0.721919, 0.851284, 0.99735, 1])
})

test('it is flat where the points turn', () => {
  const at = smooth([0, 1, 2], [0, 1, 0])
  assert.ok(at(0.999) <= 1 && at(1.001) <= 1 && at(0.5) > 0.5)
})
