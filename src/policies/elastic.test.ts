// Shows jobs that run on more or fewer nodes, in schedules worked out by hand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawSchedule, MINUTE_MS } from '../../test/schedule.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'

const four = toyPlant({ sites: toyRow(4) })
const elastic = { gpus: 4, nodes: 4, leastNodes: 1 }

test('it starts on what is free, and takes longer for it', () => {
  // e asks for four nodes for two minutes; two are free for good, so it runs four minutes on them.
  const jobs = [{ id: 'a', gpus: 2, work: 9 }, { id: 'e', work: 2, ...elastic }]
  assert.equal(drawSchedule({ plant: four, jobs }), `
aaaaaaaaa
aaaaaaaaa
eeee.....
eeee.....
`)
})

test('it grows when nodes fall free and that pays', () => {
  // Of 32 node-minutes two are done at minute 1; the 30 that are left take ten on three nodes.
  const jobs = [{ id: 'a', work: 1 }, { id: 'b', work: 12 },
    { id: 'e', work: 8, checkpointEveryMs: 1000, checkpointStallMs: 0, ...elastic }]
  assert.equal(drawSchedule({ plant: four, jobs }), `
aeeeeeeeeee.
bbbbbbbbbbbb
eeeeeeeeeee.
eeeeeeeeeee.
`)
})

test('it gives nodes to a job that waits, as many as that needs, and takes them back', () => {
  // At minute 1 four of twelve node-minutes are done. On two nodes two more; then a minute and a
  // half on four for the six that are left.
  const jobs = [{ id: 'e', work: 3, checkpointEveryMs: 1000, checkpointStallMs: 0, ...elastic },
    { id: 'a', gpus: 2, work: 1, at: 1 }]
  assert.equal(drawSchedule({ plant: four, jobs }), `
eeee
eeee
eaee
eaee
`)
})

test('it gives nothing away where it would then run into a window', () => {
  // On two nodes e would need four minutes from minute 1, and the nodes are kept from minute 4.
  const jobs = [{ id: 'e', work: 3, ...elastic }, { id: 'a', gpus: 2, work: 1, at: 1 }]
  const window = {
    type: 'reserve', first: 0, end: 4, startAtMs: 4 * MINUTE_MS, endAtMs: 6 * MINUTE_MS, queue: -1,
    reason: 'maintenance',
  } as const
  assert.equal(drawSchedule({ plant: four, jobs, intents: [[0, window]] }), `
eeea
eeea
eee.
eee.
`)
})

test('it never goes below its least', () => {
  const jobs = [{ id: 'e', work: 2, gpus: 4, nodes: 4, leastNodes: 3 },
    { id: 'a', gpus: 2, work: 1, at: 1 }]
  assert.equal(drawSchedule({ plant: four, jobs }), `
eea
eea
ee.
ee.
`)
})

test('nodes of another type count by their speed: more of them may be no gain', () => {
  // Two fast nodes do the work of eight others: it stays on them when all four of those fall free.
  const types = toyPlant({ sites: toyRow([0, 4], [1, 2]),
    systems: [{}, { speed: 4 }] })
  const jobs = [{ id: 'a', gpus: 4, device: 'chip0', work: 1 },
    { id: 'e', work: 12, checkpointEveryMs: 1000, checkpointStallMs: 0, ...elastic }]
  assert.equal(drawSchedule({ plant: types, jobs }), `
a.....
a.....
a.....
a.....
eeeeee
eeeeee
`)
})

test('it moves to as few nodes that are faster', () => {
  // A quarter of a minute of work is done at minute 2; the minute and a half left takes three.
  const types = toyPlant({ sites: toyRow([0, 2], [1, 2]),
    systems: [{}, { speed: 0.25 }] })
  const jobs = [{ id: 'a', gpus: 2, device: 'chip0', work: 2 },
    { id: 'e', work: 1.75, checkpointEveryMs: 1000, checkpointStallMs: 0, ...elastic }]
  assert.equal(drawSchedule({ plant: types, jobs }), `
aaeee
aaeee
ee...
ee...
`)
})
