// Shows in which order pools are tried, worked out by hand, and what runs where under a limit, as
// pictures of a few nodes.
import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { drawSchedule } from '../../test/schedule.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { submit, toyState } from '../../test/toy-state.ts'
import { PLACES } from './index.ts'
import { poolsFor } from './pools.ts'

/** Speeds 1, 2 and 3 for 100, 125 and 400 charged watts, and 100, 125 and 150 in training. */
const PLAN = {
  sites: toyRow([0, 4], [1, 4], [2, 4]),
  systems: [
    { speed: 1, deviceRatedW: 100, nodeTypicalW: 100, nodeRatedW: 100 },
    { speed: 2, deviceRatedW: 125, nodeTypicalW: 125, nodeRatedW: 125 },
    { speed: 3, deviceRatedW: 400, nodeTypicalW: 150, nodeRatedW: 400 },
  ],
}

function orders(limits: Record<string, number>, job = {}): Record<string, readonly number[]> {
  const state = toyState({ ...PLAN, limits })
  const row = submit(state, job)
  return Object.fromEntries(['pack', 'fastest', 'efficient'].map((name) =>
    [name, poolsFor(state, row, PLACES[name]!)]))
}

describe('order of the pools', () => {
  test('fastest goes by throughput, efficient by throughput for a watt', () => {
    // Charged: 1/100, 2/125, 3/400. In training: 1/100, 2/125, 3/150.
    assert.deepEqual(orders({ site0: 1000 }),
      { pack: [0, 1, 2], fastest: [2, 1, 0], efficient: [1, 0, 2] })
    assert.deepEqual(orders({}), { pack: [0, 1, 2], fastest: [2, 1, 0], efficient: [2, 1, 0] })
  })

  test('what the job declares goes before the catalogue', () => {
    assert.deepEqual(orders({ site0: 1000 }, { speeds: [1, 0.9, 5] }),
      { pack: [0, 1, 2], fastest: [2, 0, 1], efficient: [2, 0, 1] })
  })

  test('equal pools, and those of a job without GPUs, keep the order of the queue', () => {
    assert.deepEqual(orders({}, { speeds: [1, 1, 1] })['fastest'], [0, 1, 2])
    assert.deepEqual(orders({ site0: 1000 }, { gpus: 0, nodes: 1 })['efficient'], [0, 1, 2])
  })
})

/** Two types under 500 W: four of the first, or four of the second, each twice as fast. */
function sceneOf(place: string, limit: number) {
  const plant = toyPlant({
    sites: toyRow([0, 4], [1, 4]), systems: PLAN.systems.slice(0, 2), limits: { site0: limit },
  })
  const jobs = [...'abcdefgh'].map((id) => ({ id, work: 4 }))
  return drawSchedule({ plant, jobs, policies: `fifo none ${place}` })
}

test('under a limit, efficient starts where a watt does most', (t: TestContext) => {
  t.assert.equal(sceneOf('pack', 500), `
aaaaeeee
bbbbffff
ccccgggg
ddddhhhh
........
........
........
........
`)
  t.assert.equal(sceneOf('efficient', 500), `
....
....
....
....
aaee
bbff
ccgg
ddhh
`)
})

test('a limit that leaves room for more takes the slower ones too', (t: TestContext) => {
  t.assert.equal(sceneOf('efficient', 700), `
eeee
ffff
....
....
aagg
bbhh
cc..
dd..
`)
})

test('conservative backfill plans a job on each type for as long as it runs there', () => {
  // b is planned for both fast nodes at minute 4. c's twelve minutes are three on one of them, and
  // the slow node has too few cores for it.
  const plant = toyPlant({ sites: toyRow([0, 1], [1, 2]), systems: [{ cpus: 1 }, { speed: 4 }] })
  const jobs = [{ id: 's', device: 'chip0', work: 9 }, { id: 'a', device: 'chip1', work: 4 },
    { id: 'b', gpus: 2, device: 'chip1', work: 2 }, { id: 'c', at: 1, work: 12, cpusPerNode: 2 }]
  assert.equal(drawSchedule({ plant, jobs, policies: 'fifo conservative pack' }), `
sssssssss
aaaabb...
.cccbb...
`)
  // A minute longer, and it would delay b.
  const longer = [...jobs.slice(0, 3), { id: 'c', at: 1, work: 16, cpusPerNode: 2 }]
  assert.equal(drawSchedule({ plant, jobs: longer, policies: 'fifo conservative pack' }), `
sssssssss.
aaaabbcccc
....bb....
`)
})
