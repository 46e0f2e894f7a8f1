// Shows that what caps would put in doubt is what is in doubt once they are in force, that caps
// hold back what would be drawn beyond them, and that what was learnt fades while nothing is heard;
// one job on four nodes of one GPU of 100 W.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { submit } from '../../test/toy-state.ts'
import { advance, apply } from './apply.ts'
import { doubtAhead } from './doubt-ahead.ts'
import { biasW, doubtW } from './doubt.ts'
import { createState } from './state.ts'

/** Devices draw a part of their cap, and their nodes what is missing to 100 W. */
function scene(drawRatio = 0.8) {
  const plant = toyPlant({
    sites: toyRow(4, 4), power: { meterErrorRatio: 0 }, systems: [{ nodeRatedW: 120 }],
  })
  const curve = plant.curves.byClass[0]![0]!
  const drawW = curve.capW.map((capW) => capW * drawRatio)
  const curves = { ...plant.curves, byClass: [[{ ...curve, drawW }]] }
  const state = createState({ ...plant, curves }, true)
  const job = submit(state, { gpus: 4, nodes: 4 })
  apply(state, { type: 'job.started', job, pool: 0, spans: [0, 4, 0] })
  apply(state, { type: 'job.running', job })
  advance(state, 100_000)
  apply(state, { type: 'feeder.metered', feeder: 0, drawW: 412, observedAtMs: 100_000 })
  return { state, job }
}

test('what caps would put in doubt is in doubt once they are in force', () => {
  const { state, job } = scene()
  assert.equal(doubtW(state, 0), 0)
  const ahead = doubtAhead(state, [{ job, capW: 50 }])
  const foreseen = [biasW(state, 0, ahead), doubtW(state, 0, ahead)]
  apply(state, { type: 'job.capped', job, capW: 50, safeW: 50 })
  apply(state, { type: 'cap.confirmed', job, capW: 50 })
  const found = [biasW(state, 0), doubtW(state, 0)]
  assert.ok(found[1]! > 5)
  // The part that nobody modelled is one of all that is drawn, so it is a little less then.
  found.forEach((watts, at) => assert.ok(Math.abs(watts - foreseen[at]!) < 0.05))
})

test('caps hold back what would be drawn beyond them', () => {
  const { state, job } = scene(1)
  const ahead = doubtAhead(state, [{ job, capW: 50 }])
  const foreseen = [biasW(state, 0, ahead), doubtW(state, 0, ahead)]
  apply(state, { type: 'job.capped', job, capW: 50, safeW: 50 })
  apply(state, { type: 'cap.confirmed', job, capW: 50 })
  const unheld = [biasW(state, 0), doubtW(state, 0)]
  // Believed to draw more than 50 W, which it cannot; it may well draw less.
  assert.ok(unheld[0]! > 2 && foreseen[0]! < 0)
  assert.ok(foreseen[1]! > 0 && foreseen[1]! < 0.8 * unheld[1]!)
})

test('what is off grows and shrinks with what is drawn', () => {
  const { state, job } = scene()
  assert.equal(biasW(state, 0), 12)
  apply(state, { type: 'job.capped', job, capW: 50, safeW: 50 })
  apply(state, { type: 'cap.confirmed', job, capW: 50 })
  // 240 W of 400 W, and less sure by now.
  const { offW } = state.tables.feeders
  assert.ok(Math.abs(offW[0]! - 12 * 0.6) < 0.05)
  assert.ok(biasW(state, 0) < offW[0]! && biasW(state, 0) > 4)
})

test('caps that stand put nothing in doubt', () => {
  const { state, job } = scene()
  const ahead = doubtAhead(state, [{ job, capW: 100 }])
  assert.deepEqual([ahead.unknown[0], ahead.offVariance[0]], [0, 0])
})

test('what was learnt fades while nothing is heard', () => {
  const { state } = scene()
  advance(state, 160_000)
  // 0.016 % of 400 W in a minute.
  assert.ok(Math.abs(doubtW(state, 0) - 0.064) < 1e-3)
})
