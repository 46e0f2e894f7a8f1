// Shows what the meter adds up: idle draw, base loads with their losses, changes in time, and that
// energy in is energy out plus losses in each interval of settlement (I11).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { layoutOf } from '../../core/layout.ts'
import { toyPlant, toyRow } from '../../../test/toy-plant.ts'
import { facilityRatio, Meter } from './meter.ts'

const layout = layoutOf(toyPlant({
  sites: toyRow(2, 2),
  systems: [{ gpus: 2, deviceIdleW: 10, deviceRatedW: 110, nodeIdleW: 45, nodeRatedW: 250 }],
  // A rack's base is its nodes without their devices' range: 250 - 2 × 110 + 2 × 10 = 50 W each.
  bases: { rack0: 100, rack1: 130, hall0: 1000 },
  ratios: { hall0: 13_000, rack1: 11_000 },
}))

test('an idle factory draws its nodes at idle and what else its feeders carry', () => {
  // Rack 0: 90 W × 1.3 = 117. Rack 1: 90 × 1.43 = 128.7, and 30 W besides: 42.9. Hall: 1300.
  const meter = new Meter(layout)
  assert.deepEqual([...meter.itW], [90 + 90 + 30 + 1000])
  assert.deepEqual([...meter.facilityW], [117 + 129 + 43 + 1300])
  assert.deepEqual([...meter.lossW], [meter.facilityW[0]! - meter.itW[0]!])
  assert.ok(Math.abs(facilityRatio(layout, 1) - 1.43) < 1e-12)
})

test('energy is the draw over time, through any number of intervals', () => {
  const meter = new Meter(layout)
  const idleW = meter.totalW()
  meter.change(1_000_000, 0, 100, 130)
  assert.equal(meter.totalW(), idleW + 130)
  meter.change(3_000_000, 0, -100, -130)
  meter.finish(10_000_000)
  assert.equal(meter.energyJ, idleW * 10_000 + 130 * 2000)
  assert.equal(meter.broken, 0)
})

test('a loss that is counted wrong breaks the balance of its interval', () => {
  const meter = new Meter(layout)
  meter.lossW[0]! += 1
  meter.finish(1_800_000)
  assert.equal(meter.broken, 2)
})
