// Shows when running jobs are moved so that a gang finds its nodes together, and when not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawSchedule } from '../../test/schedule.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'

const two = toyPlant({ sites: toyRow(3, 3) })
const policies = 'fifo none spread none move'

/** a and b, spread over both racks; c needs a whole rack of three. */
function jobs(work: number) {
  return [{ id: 'a', work }, { id: 'b', work },
    { id: 'c', gpus: 3, work: 2, at: 1, level: 'rack' as const }]
}

test('without it the gang waits for nodes that are free, but apart', () => {
  assert.equal(drawSchedule({ plant: two, jobs: jobs(5), policies: 'fifo none spread' }), `
aaaaacc
.....cc
.....cc
bbbbb..
.......
.......
`)
})

test('a job moves to the other rack where it loses less than the gang would wait', () => {
  // One minute of work on one GPU against four minutes on three. Both lose alike: the later moves.
  assert.equal(drawSchedule({ plant: two, jobs: jobs(5), policies }), `
aaaaa.
.bbbbb
......
bcc...
.cc...
.cc...
`)
})

test('it stays where moving would cost more', () => {
  // c would wait one minute on three GPUs; either of the others would lose eight on two.
  const late = [{ id: 'a', gpus: 2, work: 9 }, { id: 'b', gpus: 2, work: 9 },
    { id: 'c', gpus: 3, work: 2, at: 8, level: 'rack' as const }]
  assert.equal(drawSchedule({ plant: toyPlant({ sites: toyRow(4, 4) }), jobs: late, policies }), `
aaaaaaaaacc
aaaaaaaaacc
.........cc
...........
bbbbbbbbb..
bbbbbbbbb..
...........
...........
`)
})
