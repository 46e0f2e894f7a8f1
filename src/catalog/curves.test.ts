// Shows that the curves of every device and class are sound, that the measured points are in them,
// that a device without a curve gets the H100's by scale, and that bad points say what to do.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawAt, drawSdAt, speedAt } from '../model/curve.ts'
import { loadCatalogue } from './catalogue.ts'
import { curvesOf, problemOf } from './curves.ts'

const catalogue = loadCatalogue()
const names = catalogue.devices.map((device) => device.name)
const curves = curvesOf(catalogue, names)

test('curves rise, end uncapped at the rating, and draw no more than the cap', () => {
  assert.deepEqual(curves.classes,
    ['compute', 'vision', 'moe', 'finetune', 'memory', 'communication'])
  curves.byClass.forEach((byDevice, at) => byDevice.forEach((curve, device) => {
    const { capW, speed, drawW, drawSdW } = curve
    const what = `${curves.classes[at]} of ${names[device]}`
    const { numbers, maybe } = catalogue.devices[device]!
    assert.ok(capW.length >= 20 && capW.length <= 30, `${what}: ${capW.length} points`)
    assert.ok(capW.every(Number.isInteger), what)
    assert.equal(capW.at(-1), Math.ceil(numbers.ratedW.value), what)
    assert.ok(capW[0]! >= (maybe.minCapW?.value ?? 1), what)
    assert.equal(speed.at(-1), 1, what)
    assert.ok(speed[0]! > 0.1, what)
    capW.forEach((cap, point) => {
      assert.ok(drawW[point]! <= cap && drawW[point]! > numbers.idleW.value, what)
      assert.ok(drawSdW[point]! >= 0 && drawSdW[point]! < drawW[point]! / 2, what)
      if (point === 0) return
      assert.ok(cap > capW[point - 1]!, what)
      assert.ok(speed[point]! >= speed[point - 1]!, what)
    })
  }))
})

test('what was measured is in the curves', () => {
  const h100 = curves.byClass[0]![names.indexOf('H100')]!
  const caps = [200, 300, 400, 500, 600, 700]
  assert.deepEqual(caps.map((cap) => speedAt(h100, cap).toFixed(3)),
    ['0.320', '0.594', '0.821', '0.915', '0.966', '1.000'])
  assert.deepEqual(caps.map((cap) => drawAt(h100, cap)), [199, 298, 395, 493, 591, 647])
  const a100 = curves.byClass[0]![names.indexOf('A100')]!
  assert.deepEqual([100, 250, 350].map((cap) => speedAt(a100, cap)), [0.1855, 0.7837, 0.9226])
  assert.deepEqual([drawSdAt(h100, 700), drawSdAt(h100, 200)], [41, 9])
  assert.equal(speedAt(h100, 199), 0)
})

test('a device without a curve has the H100\'s, scaled between idle and rating', () => {
  const scaled = curves.byClass[1]![names.indexOf('MI300X')]!
  const h100 = curves.byClass[1]![names.indexOf('H100')]!
  for (const share of [0.3, 0.5, 0.8]) {
    const here = speedAt(scaled, 140 + share * (750 - 140))
    assert.ok(Math.abs(here - speedAt(h100, 72.5 + share * (700 - 72.5))) < 0.01)
  }
  const h200 = names.indexOf('H200')
  assert.deepEqual(curves.byClass[0]![h200]!.drawW.at(-1), 647)
})

test('a paused device draws more than an idle one', () => {
  assert.equal(curves.pausedW[names.indexOf('H100')], 122)
  names.forEach((name, at) => {
    assert.ok(curves.pausedW[at]! > catalogue.devices[at]!.numbers.idleW.value, name)
  })
})

test('bad points say what is wrong and what to do', () => {
  const of = (...points: readonly (readonly [number, number])[]) => problemOf({
    capW: points.map(([cap]) => cap), throughput: points.map(([, value]) => value),
    drawW: undefined }, 700)?.message
  assert.equal(of([200, 0.3], [700, 1]), undefined)
  assert.match(of([200, 0.3])!, /one point is no curve; give two or more/)
  assert.match(of([300, 0.3], [200, 0.4])!, /200 W comes after one of 300 W; order/)
  assert.match(of([200, 0.5], [400, 0.4])!, /falls from 0.5 at 200 W to 0.4 at 400 W/)
  assert.match(of([200, 0.5], [800, 0.9])!, /800 W is above the rating of 700 W; leave/)
  assert.match(problemOf({ capW: [200, 700], throughput: [1, 1], drawW: [210, 300] }, 700)!.message,
    /210 W are drawn under a cap of 200 W/)
})
