// Shows that nodes that are down teach nothing of what others draw, and that room is kept for what
// they draw when they come back; in a row of nodes of one GPU of 100 W that draw 20 W idle.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { submit } from '../../test/toy-state.ts'
import { drawAims } from './aims.ts'
import { advance, apply } from './apply.ts'
import { biasW } from './doubt.ts'
import { createState } from './state.ts'

test('what is down is room until it comes back, and no reason to draw more', () => {
  const state = createState(toyPlant({
    sites: toyRow(8, 8), systems: [{ deviceIdleW: 20, nodeIdleW: 20 }],
  }), true)
  const { feeders } = state.tables
  const job = submit(state, { gpus: 6, nodes: 6 })
  apply(state, { type: 'job.started', job, pool: 0, spans: [0, 6, 0] })
  apply(state, { type: 'job.running', job })
  apply(state, {
    type: 'limit.set', limit: 0, feeder: 0, kind: 'target', watts: 760, fromW: 1000, startAtMs: 0,
    holdAtMs: 0, holdEndAtMs: 1e9, endAtMs: 1e9, cause: '',
  })
  const aimW = () => {
    const into = new Float64Array(state.layout.feederParent.length)
    drawAims(state, state.totals.nowMs, state.totals.nowMs, 'middle', into)
    return into[0]
  }
  const read = (drawW: number) => {
    const { nowMs } = state.totals
    apply(state, { type: 'feeder.metered', feeder: 0, drawW, observedAtMs: nowMs })
    return Math.round(biasW(state, 0))
  }
  advance(state, 60_000)
  const allW = feeders.drawW[0]!
  assert.equal(read(allW), 0)
  // The middle of a hundredth of 1000 W.
  assert.equal(aimW(), 755)
  apply(state, { type: 'nodes.down', first: 12, end: 14, cause: 'lost' })
  assert.equal(feeders.downW[0], 40)
  advance(state, 120_000)
  assert.equal(read(allW - 40), 0)
  // They are booked with 40 W: more than the middle of the band, so no more is kept than its edge.
  assert.equal(aimW(), 759)
  apply(state, { type: 'nodes.up', first: 12, end: 14, cause: 'repaired' })
  assert.equal(feeders.downW[0], 0)
  advance(state, 180_000)
  assert.equal(read(allW), 0)
  assert.equal(aimW(), 755)
})
