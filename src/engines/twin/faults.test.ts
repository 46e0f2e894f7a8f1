// Shows that faults come as often as all their classes say together, that each class and component
// is hit in its share, and that a fault reaches what it should.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { layoutOf } from '../../core/layout.ts'
import type { FaultClass } from '../../model/index.ts'
import { toyPlant } from '../../../test/toy-plant.ts'
import { gangRatePerHour } from '../../core/loss.ts'
import { Faults, nodeOfDevice } from './faults.ts'

const HOUR_MS = 3_600_000

function classOf(given: Partial<FaultClass>): FaultClass {
  return { name: 'x', ratePerHour: 1, unit: 'node', reach: 'node', repairMs: [0, 0], slowRatio: 1,
    ...given }
}

/** Racks of 3 and 2 nodes in one row, 4 in another hall. Feeders: 0 site, 1 hall, 2 row, 3, 4 … */
function layoutWith(classes: readonly FaultClass[]) {
  return layoutOf(toyPlant({
    sites: [[[[3, 2]], [[4]]]], systems: [{ gpus: 2 }], failures: { classes },
  }))
}

/** What a class reaches, for each of its units by number of draws. */
function reached(given: Partial<FaultClass>, draws = 400): string[] {
  const faults = new Faults(layoutWith([classOf(given)]), 1)
  const seen = new Set<string>()
  for (let draw = 0; draw < draws; draw++) seen.add(faults.draw().ranges.join())
  return [...seen].sort()
}

describe('how often', () => {
  test('the hazards of all components add up', () => {
    // 18 devices × 0.01, 9 nodes × 0.1, 3 racks × 0.2 and 8 feeders × 0.3 are 4.08 an hour.
    const layout = layoutWith([
      classOf({ name: 'device', unit: 'device', ratePerHour: 0.01 }),
      classOf({ name: 'node', unit: 'node', ratePerHour: 0.1 }),
      classOf({ name: 'rack', unit: 'rack', ratePerHour: 0.2 }),
      classOf({ name: 'feeder', unit: 'feeder', ratePerHour: 0.3 }),
      classOf({ name: 'never', ratePerHour: 0 }),
    ])
    const faults = new Faults(layout, 5)
    const draws = 40_000
    const counts = new Map<string, number>()
    let sumMs = 0
    for (let draw = 0; draw < draws; draw++) {
      sumMs += faults.next()
      const { name } = faults.draw().class
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    const perHour = draws / (sumMs / HOUR_MS)
    assert.ok(Math.abs(perHour / 4.08 - 1) < 4 / Math.sqrt(draws), `${perHour} an hour`)
    for (const [name, rate] of [['device', 0.18], ['node', 0.9], ['rack', 0.6], ['feeder', 2.4]]) {
      const ratio = Number(rate) / 4.08
      const error = 4 * Math.sqrt((ratio * (1 - ratio)) / draws)
      assert.ok(Math.abs(counts.get(String(name))! / draws - ratio) < error, `${name}`)
    }
    assert.equal(counts.has('never'), false)
  })

  test('nothing fails where no class has a rate', () => {
    assert.equal(new Faults(layoutWith([classOf({ ratePerHour: 0 })]), 1).next(), Infinity)
    assert.equal(new Faults(layoutWith([]), 1).next(), Infinity)
  })

  test('repairs are spread evenly between their bounds', () => {
    const faults = new Faults(layoutWith([classOf({ repairMs: [1000, 3000] })]), 2)
    const draws = 10_000
    let sum = 0
    for (let draw = 0; draw < draws; draw++) {
      const { repairMs } = faults.draw()
      assert.ok(repairMs >= 1000 && repairMs <= 3000 && Number.isInteger(repairMs))
      sum += repairMs
    }
    assert.ok(Math.abs(sum / draws - 2000) < (4 * 577) / Math.sqrt(draws))
  })

  test('the rate of a gang counts what ends it, in its own devices, nodes and racks', () => {
    const layout = layoutWith([
      classOf({ unit: 'device', ratePerHour: 0.001 }), classOf({ unit: 'node', ratePerHour: 0.01 }),
      classOf({ unit: 'rack', ratePerHour: 0.1 }), classOf({ reach: 'slow', ratePerHour: 9 }),
    ])
    // 8 devices, 4 nodes, one rack of four: 0.008 + 0.04 + 0.1.
    assert.ok(Math.abs(gangRatePerHour(layout, 8, 4, 4) - 0.148) < 1e-12)
  })
})

describe('how far', () => {
  test('a node, its rack, or all below the feeder of its rack', () => {
    const nodes = Array.from({ length: 9 }, (_, node) => `${node},${node + 1}`)
    assert.deepEqual(reached({}), nodes)
    assert.deepEqual(reached({ unit: 'device' }), nodes)
    const racks = ['0,3', '3,5', '5,9']
    assert.deepEqual(reached({ reach: 'rack' }), racks)
    assert.deepEqual(reached({ unit: 'rack' }), racks)
    assert.deepEqual(reached({ reach: 'feeder' }), racks)
  })

  test('a feeder with all halls, rows and racks below it', () => {
    // Feeders: the site; hall 0 and its row, which are the same nodes; three racks; hall 1.
    assert.deepEqual(reached({ unit: 'feeder' }), ['0,3', '0,5', '0,9', '3,5', '5,9'])
  })

  test('a device fault names the device, and its node by search', () => {
    const layout = layoutWith([classOf({ unit: 'device' })])
    const faults = new Faults(layout, 3)
    for (let draw = 0; draw < 200; draw++) {
      const { device, ranges } = faults.draw()
      assert.equal(Math.floor(device / 2), ranges[0])
      assert.equal(nodeOfDevice(layout, device), ranges[0])
    }
  })

  test('nodes without devices are passed over', () => {
    const layout = layoutOf(toyPlant({
      sites: [[[[[1, 2], [0, 2], [1, 3], [0, 1]]]]], systems: [{ gpus: 2 }, { gpus: 0 }] }))
    assert.deepEqual([0, 1, 2, 3, 4, 5].map((device) => nodeOfDevice(layout, device)),
      [2, 2, 3, 3, 7, 7])
  })
})
