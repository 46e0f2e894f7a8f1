// Shows EASY backfill by schedules worked out by hand: what passes a blocked job, and what may not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawSchedule } from '../../test/schedule.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'

const four = toyPlant({ sites: toyRow(4) })
const policies = 'fifo easy pack'

test('a job that ends before the reservation starts at once, a longer one waits', () => {
  // b is reserved all four nodes at minute 3. c ends at 3 and starts; d would end at 4.
  const jobs = [{ id: 'a', gpus: 3, work: 3 }, { id: 'b', gpus: 4, work: 1 },
    { id: 'd', work: 4 }, { id: 'c', work: 3 }]
  assert.equal(drawSchedule({ plant: four, jobs, policies }), `
aaabdddd
aaab....
aaab....
cccb....
`)
})

test('a long job may use nodes that the reserved one will not need', () => {
  // At minute 2 two nodes become free besides the one that is: b takes two, and c one for good.
  const jobs = [{ id: 'a', gpus: 2, work: 2 }, { id: 'z', work: 5 }, { id: 'b', gpus: 2, work: 2 },
    { id: 'c', work: 6 }]
  assert.equal(drawSchedule({ plant: four, jobs, policies }), `
aabb..
aabb..
zzzzz.
cccccc
`)
})

test('the reservation moves forward when a job ends early', () => {
  // a says 5 minutes and takes 2. b is reserved minute 5, c (3 minutes) starts before it; when a
  // ends, b still waits for c, which delays it to minute 3: the price of a wrong limit.
  const jobs = [{ id: 'a', gpus: 3, work: 2, limit: 5 }, { id: 'b', gpus: 4, work: 1 },
    { id: 'c', work: 3 }]
  assert.equal(drawSchedule({ plant: four, jobs, policies }), `
aa.b
aa.b
aa.b
cccb
`)
})

test('a job that outlasts its limit is waited for, and b starts when it ends', () => {
  const jobs = [{ id: 'a', gpus: 3, work: 4, limit: 2 }, { id: 'b', gpus: 4, work: 1 },
    { id: 'c', work: 2 }, { id: 'd', work: 2 }]
  // At minute 2 the reservation is overdue: "a ends any moment", so d, of 2 minutes, must wait.
  assert.equal(drawSchedule({ plant: four, jobs, policies }), `
aaaabdd
aaaab..
aaaab..
cc..b..
`)
})

test('the counter-example: only the first of a pool is protected, later ones are delayed', () => {
  // b is reserved minute 2. c (three nodes) comes next and would start at minute 3 after b, but has
  // no reservation: d passes both, since it delays only c, to minute 6.
  const jobs = [{ id: 'a', gpus: 2, work: 2 }, { id: 'z', gpus: 1, work: 2 },
    { id: 'b', gpus: 3, work: 1 }, { id: 'c', gpus: 4, work: 1 }, { id: 'd', work: 6 }]
  assert.equal(drawSchedule({ plant: four, jobs, policies }), `
aab...c
aab...c
zzb...c
ddddddc
`)
})

test('without backfill the same jobs run in their order', () => {
  const jobs = [{ id: 'a', gpus: 2, work: 2 }, { id: 'z', gpus: 1, work: 2 },
    { id: 'b', gpus: 3, work: 1 }, { id: 'c', gpus: 4, work: 1 }, { id: 'd', work: 6 }]
  assert.equal(drawSchedule({ plant: four, jobs }), `
aabcdddddd
aabc......
zzbc......
...c......
`)
})

test('a reservation holds the rack that is required, and only it', () => {
  // b needs two nodes of one rack. Rack 0 is free at minute 4, rack 1 at minute 2: b is reserved
  // rack 1. c outlasts that and may take the free node of rack 0, not the one of rack 1.
  const plant = toyPlant({ sites: toyRow(2, 2) })
  const jobs = [{ id: 'a', work: 4, level: 'rack' }, { id: 'p', work: 4 }, { id: 'z', work: 2 },
    { id: 'b', gpus: 2, work: 1, level: 'rack' }, { id: 'c', work: 5 }]
  assert.equal(drawSchedule({ plant, jobs, policies }), `
aaaa....
pppp....
zzbccccc
..b.....
`)
})

test('while a job waits for watts, nothing that outlasts its turn starts', () => {
  // The site carries three nodes. b needs three and gets them at minute 3; c ends by then, d not.
  const plant = toyPlant({ sites: toyRow(4), limits: { site0: 300 } })
  const jobs = [{ id: 'a', gpus: 2, work: 3 }, { id: 'b', gpus: 3, work: 1 },
    { id: 'd', work: 4 }, { id: 'c', work: 3 }]
  assert.equal(drawSchedule({ plant, jobs, policies }), `
aaabdddd
aaab....
cccb....
........
`)
})

test('a short job of another queue passes a job that is blocked, within its quota', () => {
  const plant = toyPlant({ sites: toyRow(4), queues: [{}, { quotaGpus: 1 }] })
  const jobs = [{ id: 'a', gpus: 2, work: 2 }, { id: 'b', gpus: 4, work: 1 },
    { id: 'c', work: 1, queue: 'queue1' }, { id: 'd', work: 1, queue: 'queue1' }]
  // c and d fit side by side, but their queue may hold one GPU only: d goes after c.
  assert.equal(drawSchedule({ plant, jobs, policies }), `
aab
aab
cdb
..b
`)
})
