// Shows reservations and maintenance windows: who starts where and when, worked out by hand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawSchedule, MINUTE_MS } from '../../test/schedule.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'

const two = toyPlant({ sites: toyRow(2), queues: [{}, {}] })

function window(from: number, to: number, queue: number, first = 0, end = 1) {
  return {
    type: 'reserve', first, end, startAtMs: from * MINUTE_MS, endAtMs: to * MINUTE_MS, queue,
    reason: 'maintenance',
  } as const
}

test('before maintenance only what ends in time starts there', () => {
  // Node 0 is kept from minute 2 to 4: a fits before it, b does not and takes node 1, c waits.
  const jobs = [{ id: 'a', work: 2 }, { id: 'b', work: 3 }, { id: 'c', work: 2, at: 1 }]
  assert.equal(drawSchedule({ plant: two, jobs, intents: [[0, window(2, 4, -1)]] }), `
aa...
bbbcc
`)
})

test('a reservation is for its queue alone', () => {
  const jobs = [{ id: 'a', work: 2, at: 1 }, { id: 'b', work: 2, at: 1 },
    { id: 'c', work: 2, at: 1, queue: 'queue1' }]
  assert.equal(drawSchedule({ plant: two, jobs, intents: [[0, window(0, 6, 1)]] }), `
.cc..
.aabb
`)
})

test('a job that a window blocks starts when it is over, and lets others pass', () => {
  // Both nodes are kept from 2 to 4: a, of three minutes, waits; b, of two, does not.
  const jobs = [{ id: 'a', work: 3 }, { id: 'b', work: 2 }]
  assert.equal(drawSchedule({
    plant: two, jobs, intents: [[0, window(2, 4, -1, 0, 2)]], policies: 'fifo easy pack',
  }), `
bb..aaa
.......
`)
})

test('a job that lacks nodes of one pool blocks others, though a window keeps those of the next',
  () => {
    // Node 0 is kept from 2 to 4, and node 1, of another pool, has a until 3, which b waits for.
    const plant = toyPlant({
      sites: toyRow([0, 1], [1, 1]), systems: [{}, {}], queues: [{}, {}] })
    const jobs = [{ id: 'a', work: 3 }, { id: 'b', work: 3 },
      { id: 'c', work: 1, queue: 'queue1' }]
    const intents = [[0, window(2, 4, -1)]] as const
    for (const policies of ['fifo none pack', 'fifo none efficient']) {
      assert.equal(drawSchedule({ plant, jobs, intents, policies }), `
....c.
aaabbb
`)
    }
  })

test('a window that is cleared is no longer kept', () => {
  const jobs = [{ id: 'a', work: 3 }]
  const intents = [[0, window(2, 9, -1, 0, 2)], [1, { type: 'clear', window: 0 }]] as const
  assert.equal(drawSchedule({ plant: two, jobs, intents }), `
.aaa
....
`)
})
