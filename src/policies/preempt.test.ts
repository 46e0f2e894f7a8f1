// Shows who gives way to whom, and that nobody is stopped for nothing: schedules worked out by
// hand, and random factories in which no victim of a decision could have stayed.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { drawSchedule } from '../../test/schedule.ts'
import { toyPlant, toyRow, type ToyQueue } from '../../test/toy-plant.ts'
import { NO_QUOTA } from '../model/index.ts'

/** A department of two teams that own two nodes each. */
const TEAMS: readonly ToyQueue[] = [
  { quotaGpus: 0 }, { parent: 0, quotaGpus: 2 }, { parent: 0, quotaGpus: 2 },
]

describe('reclaim', () => {
  const plant = toyPlant({ sites: toyRow(4), queues: TEAMS })

  test('what is borrowed comes back at once, from the job that loses least', () => {
    // a and b hold all four nodes, b's on loan; c of the second team takes its own two back.
    const jobs = [{ id: 'a', gpus: 2, work: 4, queue: 'queue1' },
      { id: 'b', gpus: 2, work: 3, queue: 'queue1', at: 1 },
      { id: 'c', gpus: 2, work: 2, queue: 'queue2', at: 2 }]
    assert.equal(drawSchedule({ plant, jobs }), `
aaaabbb
aaaabbb
.bcc...
.bcc...
`)
  })

  test('a team that would borrow itself takes nothing', () => {
    const jobs = [{ id: 'a', gpus: 3, work: 4, queue: 'queue1' },
      { id: 'c', gpus: 3, work: 1, queue: 'queue2', at: 1 }]
    assert.equal(drawSchedule({ plant, jobs }), `
aaaac
aaaac
aaaac
.....
`)
  })

  test('no more is taken than is borrowed', () => {
    // The first team borrows one node, in three jobs; d of two nodes needs it and the free one.
    const jobs = [{ id: 'a', work: 5, queue: 'queue1' }, { id: 'b', work: 5, queue: 'queue1' },
      { id: 'c', work: 3, queue: 'queue1', at: 1 }, { id: 'd', gpus: 2, work: 2, queue: 'queue2',
        at: 2 }]
    assert.equal(drawSchedule({ plant, jobs }), `
aaaaa..
bbbbb..
.cddccc
..dd...
`)
  })

  test('with none, the lender waits', () => {
    const jobs = [{ id: 'a', gpus: 4, work: 3, queue: 'queue1' },
      { id: 'c', gpus: 2, work: 1, queue: 'queue2', at: 1 }]
    assert.equal(drawSchedule({ plant, jobs, policies: 'fifo none pack none' }), `
aaac
aaac
aaa.
aaa.
`)
  })
})

describe('priority', () => {
  const plant = toyPlant({ sites: toyRow(4) })
  const policies = 'priority none pack priority'

  test('lower priority goes first, then who loses least; only as many as are needed', () => {
    // d takes one node: c is of lower priority than a, and younger than b.
    const jobs = [{ id: 'a', gpus: 2, work: 4, priority: 1 }, { id: 'b', work: 4 },
      { id: 'c', work: 3, at: 1 }, { id: 'd', work: 1, at: 2, priority: 2 }]
    assert.equal(drawSchedule({ plant, jobs, policies }), `
aaaa..
aaaa..
bbbb..
.cdccc
`)
  })

  test('equal priority waits', () => {
    const jobs = [{ id: 'a', gpus: 4, work: 2 }, { id: 'b', work: 1, at: 1 }]
    assert.equal(drawSchedule({ plant, jobs, policies }), `
aab
aa.
aa.
aa.
`)
  })

  test('nobody is stopped where all of them would not be enough', () => {
    // b needs four nodes, of which a, its equal, holds one.
    const jobs = [{ id: 'a', work: 3, priority: 5 }, { id: 'c', gpus: 3, work: 3 },
      { id: 'b', gpus: 4, work: 1, at: 1, priority: 5 }]
    assert.equal(drawSchedule({ plant, jobs, policies }), `
aaab
cccb
cccb
cccb
`)
  })

  test('a job runs its least time before it is stopped, and is then', () => {
    const jobs = [{ id: 'a', gpus: 4, work: 5, leastRunMs: 180_000 },
      { id: 'b', gpus: 4, work: 1, at: 1, priority: 1 }]
    assert.equal(drawSchedule({ plant, jobs, policies }), `
aaabaaaaa
aaabaaaaa
aaabaaaaa
aaabaaaaa
`)
  })

  test('another queue of the tree is safe within its own quota, and not beyond', () => {
    const tree = toyPlant({ sites: toyRow(4), queues: TEAMS })
    const jobs = [{ id: 'a', gpus: 2, work: 3, queue: 'queue1' },
      { id: 'b', gpus: 2, work: 3, queue: 'queue2' },
      { id: 'c', gpus: 2, work: 1, at: 1, priority: 9, queue: 'queue2' }]
    assert.equal(drawSchedule({ plant: tree, jobs, policies }), `
aaa..
aaa..
bcbbb
bcbbb
`)
  })

  test('watts are taken back like nodes', () => {
    const tight = toyPlant({ sites: toyRow(4), limits: { site0: 300 } })
    const jobs = [{ id: 'a', gpus: 3, work: 2 }, { id: 'b', gpus: 2, work: 1, at: 1, priority: 1 }]
    assert.equal(drawSchedule({ plant: tight, jobs, policies }), `
abaa
abaa
a.aa
....
`)
  })
})

test('cores are borrowed and taken back too', () => {
  const cores = (own: number) => ({ gpus: NO_QUOTA, cores: { ...NO_QUOTA, own } })
  const plant = toyPlant({ sites: toyRow(1),
    queues: [{ quota: cores(0) }, { parent: 0, quota: cores(4) }, { parent: 0, quota: cores(4) }] })
  const jobs = [{ id: 'a', gpus: 0, cpusPerNode: 4, work: 2, queue: 'queue1' },
    { id: 'b', gpus: 0, cpusPerNode: 4, work: 2, queue: 'queue1' },
    { id: 'c', gpus: 0, cpusPerNode: 3, work: 1, queue: 'queue2', at: 1 }]
  // c takes its cores back from b, which came later; at minute 2 there is room for b again.
  assert.equal(drawSchedule({ plant, jobs }), `
acbb
`)
})
