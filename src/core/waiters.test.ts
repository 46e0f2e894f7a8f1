// Shows jobs that wait for others: who starts when, worked out by hand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawSchedule } from '../../test/schedule.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'

const two = toyPlant({ sites: toyRow(2) })

test('a job starts when all that it waits for have succeeded', () => {
  const jobs = [{ id: 'a', work: 2 }, { id: 'b', work: 3 },
    { id: 'c', work: 1, after: 'afterok:a:b' }, { id: 'd', work: 1 }]
  assert.equal(drawSchedule({ plant: two, jobs }), `
aadc
bbb.
`)
})

test('a failure stops those that need success, and not those that need an end', () => {
  const jobs = [{ id: 'a', work: 1, outcome: 'failed' as const },
    { id: 'b', work: 1, after: 'afterok:a' }, { id: 'c', work: 1, after: 'afterany:a' }]
  assert.equal(drawSchedule({ plant: two, jobs }), `
ac
..
never ran: b
`)
})

test('a person may release a job whose success does not come', () => {
  const jobs = [{ id: 'a', work: 1, outcome: 'failed' as const },
    { id: 'b', work: 1, after: 'afterok:a' }]
  assert.equal(drawSchedule({ plant: two, jobs, intents: [[2, { type: 'release', job: 1 }]] }), `
a.b
...
`)
})

test('a job that was cancelled while it waited is not woken', () => {
  const jobs = [{ id: 'a', work: 2 }, { id: 'b', work: 1, after: 'afterok:a' }]
  assert.equal(drawSchedule({ plant: two, jobs, intents: [[1, { type: 'cancel', job: 1 }]] }), `
aa
..
`)
})

test('a row that is used again is not mistaken for the job that waited', () => {
  // b waits for a and is cancelled; c takes its row and does not wait.
  const jobs = [{ id: 'a', work: 3 }, { id: 'b', work: 1, after: 'afterok:a' },
    { id: 'c', work: 1, at: 2 }, { id: 'd', work: 1, after: 'afterany:a', at: 2 }]
  assert.equal(drawSchedule({ plant: two, jobs, intents: [[1, { type: 'cancel', job: 1 }]] }), `
aaad
..c.
`)
})

test('held and waiting: both must end', () => {
  const jobs = [{ id: 'a', work: 1 }, { id: 'b', work: 1, after: 'afterok:a' }]
  const intents = [[0, { type: 'hold', job: 1 }], [3, { type: 'release', job: 1 }]] as const
  assert.equal(drawSchedule({ plant: two, jobs, intents }), `
a..b
....
`)
})
