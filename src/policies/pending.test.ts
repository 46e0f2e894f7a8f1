// A job that comes alone and waits for another is in no lane: backfill does not look for it there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawSchedule } from '../../test/schedule.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'

test('a job that waits for another comes while the first of the queue is blocked', () => {
  // b is blocked when c comes, which waits for b; d passes b.
  assert.equal(drawSchedule({
    plant: toyPlant({ sites: toyRow(2) }),
    jobs: [{ id: 'a', work: 3 }, { id: 'b', gpus: 2, work: 1 },
      { id: 'c', work: 1, at: 1, after: 'afterok:b' }, { id: 'd', work: 1, at: 2 }],
    policies: 'fifo easy pack',
  }), `
aaabc
..db.
`)
})
