// Shows, by hand, that what a job is expected to draw with its share of the node never passes what
// is granted for it: nodes of two GPUs of 100 W, 20 W idle, and a host of 40 to 60 W.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { submit } from '../../test/toy-state.ts'
import { chargeAt, drawOf } from './caps.ts'
import { createState } from './state.ts'

const SYSTEM = { gpus: 2, deviceIdleW: 20, nodeIdleW: 80, nodeTypicalW: 250, nodeRatedW: 260 }

test('a node draws no more than its rating, less what its caps take off that', () => {
  const plant = toyPlant({ sites: toyRow(1), systems: [SYSTEM] })
  const curve = { capW: [40, 100], speed: [0.5, 1], drawW: [40, 90], drawSdW: [0, 0] }
  const state = createState({ ...plant, curves: { ...plant.curves, byClass: [[curve]] } }, true)
  const job = submit(state, { gpus: 2 })
  const pool = state.layout.pools[0]!
  // At work the node draws 15 W a device besides what its devices do, of which 10 W are granted.
  const at = (capW: number) => [drawOf(state, job, pool, capW), chargeAt(pool, state, capW)]
  assert.deepEqual(at(100), [85, 80])
  assert.deepEqual(at(40), [30, 20])
})
