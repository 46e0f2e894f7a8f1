// Shows who starts when and where, in schedules of a few minutes that were worked out by hand.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { drawSchedule, MINUTE_MS } from '../../test/schedule.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'

const four = toyPlant({ sites: toyRow(4) })

describe('order', () => {
  // b needs all four nodes and waits for a; c would fit at once and waits behind b.
  const jobs = [
    { id: 'a', gpus: 3, work: 2 }, { id: 'b', gpus: 4, work: 1 }, { id: 'c', gpus: 1, work: 2 },
  ]

  test('first come, first served: a blocked job blocks all behind it', () => {
    assert.equal(drawSchedule({ plant: four, jobs }), `
aabcc
aab..
aab..
..b..
`)
  })

  test('a higher priority goes first, equal ones in the order they came', () => {
    // f comes before c and d, and e last; e has the highest priority and f the lowest.
    const late = [
      { id: 'a', gpus: 4, work: 2 }, { id: 'f', gpus: 4, work: 1, at: 0.5, priority: -1 },
      { id: 'c', gpus: 4, work: 1, at: 1 }, { id: 'd', gpus: 4, work: 1, at: 1 },
      { id: 'e', gpus: 4, work: 1, at: 1, priority: 2 },
    ]
    assert.equal(drawSchedule({ plant: four, jobs: late, policies: 'priority none pack' }), `
aaecdf
aaecdf
aaecdf
aaecdf
`)
  })

  test('a queue adds its priority to that of each of its jobs', () => {
    const plant = toyPlant({ sites: toyRow(1), queues: [{}, { priority: 5 }] })
    const mixed = [
      { id: 'a', work: 1 }, { id: 'b', work: 1, priority: 4 },
      { id: 'c', work: 1, queue: 'queue1' }, { id: 'd', work: 1, queue: 'queue1', priority: -2 },
    ]
    // All come at once: c has 5, b 4, d 3, a 0.
    assert.equal(drawSchedule({ plant, jobs: mixed, policies: 'priority none pack' }), `
cbda
`)
  })

  test('by deadline, who must start soonest goes first, and those without one last', () => {
    // d must start by 5 (8 − 3), c by 6 (7 − 1); b has time, and e no deadline at all.
    const due = (minute: number) => minute * MINUTE_MS
    const timed = [{ id: 'a', gpus: 4, work: 2 }, { id: 'e', gpus: 4, work: 1, at: 1 },
      { id: 'b', gpus: 4, work: 2, at: 1, deadlineAtMs: due(20) },
      { id: 'c', gpus: 4, work: 1, at: 1, deadlineAtMs: due(7) },
      { id: 'd', gpus: 4, work: 3, at: 1, deadlineAtMs: due(8) }]
    assert.equal(drawSchedule({ plant: four, jobs: timed, policies: 'deadline none pack' }), `
aadddcbbe
aadddcbbe
aadddcbbe
aadddcbbe
`)
  })

  test('a held job lets others pass until it is released', () => {
    // b is row 1 of the table of jobs: held before it could start, and released at minute 3.
    assert.equal(drawSchedule({
      plant: four,
      jobs: [{ id: 'a', gpus: 4, work: 2 }, { id: 'b', gpus: 4, work: 1, at: 1 },
        { id: 'c', gpus: 4, work: 3, at: 1 }],
      intents: [[1, { type: 'hold', job: 1 }], [3, { type: 'release', job: 1 }]],
    }), `
aacccb
aacccb
aacccb
aacccb
`)
  })
})

describe('topology', () => {
  test('pack fills the fullest rack that holds the gang, spread the emptiest', () => {
    const plant = toyPlant({ sites: toyRow(3, 2) })
    const jobs = [{ id: 'a', work: 1 }, { id: 'b', work: 1 }, { id: 'c', gpus: 2, work: 1 }]
    // Pack: a into the rack of two, b beside it, c into the rack of three. Spread: a into the rack
    // of three; then both have two, b goes into the first; c needs the rack of two.
    assert.equal(drawSchedule({ plant, jobs }), `
c
c
.
a
b
`)
    assert.equal(drawSchedule({ plant, jobs, policies: 'fifo none spread' }), `
a
b
.
c
c
`)
  })

  test('a gang that requires a rack waits for one', () => {
    // a and z, spread, take a node of the first rack each: three are free, in no rack together.
    const plant = toyPlant({ sites: toyRow(3, 2) })
    const jobs = [{ id: 'a', work: 2, gpus: 1, level: 'rack' },
      { id: 'z', work: 2, gpus: 1 }, { id: 'b', work: 1, gpus: 3, level: 'rack' }]
    assert.equal(drawSchedule({ plant, jobs, policies: 'fifo none spread' }), `
aab
zzb
..b
...
...
`)
  })

  test('a gang never spans two sites', () => {
    // Two nodes are free, one in each site: b waits until one site has both.
    const plant = toyPlant({ sites: [[[[2]]], [[[2]]]] })
    const jobs = [{ id: 'a', work: 1 }, { id: 'z', work: 2 }, { id: 'b', gpus: 2, work: 1 },
      { id: 'c', gpus: 4, work: 1 }]
    assert.equal(drawSchedule({ plant, jobs, policies: 'fifo none spread' }), `
ab
.b
zz
..
`)
  })

  test('a device type is kept to, and none means any in the order of the queue', () => {
    const plant = toyPlant({ sites: toyRow([0, 1], [1, 1]), systems: [{}, {}] })
    const jobs = [{ id: 'a', work: 1 }, { id: 'b', work: 1 }, { id: 'c', device: 'chip0', work: 1 },
      { id: 'd', device: 'chip1', work: 2 }]
    assert.equal(drawSchedule({ plant, jobs }), `
ac.
bdd
`)
  })
})

describe('nodes', () => {
  test('a drained node finishes its job and takes no other until it is resumed', () => {
    const plant = toyPlant({ sites: toyRow(2) })
    assert.equal(drawSchedule({
      plant,
      jobs: [{ id: 'a', work: 3 }, { id: 'b', work: 1, at: 2 }, { id: 'c', work: 1, at: 2 },
        { id: 'd', work: 1, at: 2 }],
      intents: [[1, { type: 'drain', first: 0, end: 1, reason: 'repair' }],
        [4, { type: 'resume', first: 0, end: 1, reason: '' }]],
    }), `
aaa.d
..bc.
`)
  })

  test('parts of nodes share them, the fullest first; a whole gang needs a whole node', () => {
    const plant = toyPlant({ sites: toyRow(2), systems: [{ gpus: 4 }] })
    // a and b share node 0; c needs a whole node and takes node 1; d fills node 0 up.
    const jobs = [{ id: 'a', gpus: 1, work: 2 }, { id: 'b', gpus: 2, work: 1 },
      { id: 'c', gpus: 4, work: 2 }, { id: 'd', gpus: 1, work: 1 }]
    assert.equal(drawSchedule({ plant, jobs, isByDevice: true }), `
aa
b.
b.
d.
cc
cc
cc
cc
`)
  })

  test('six GPUs on two nodes of four: a whole node and a part', () => {
    const plant = toyPlant({ sites: toyRow(2), systems: [{ gpus: 4 }] })
    const jobs = [{ id: 'a', gpus: 6, work: 1 }, { id: 'b', gpus: 2, work: 1 }]
    assert.equal(drawSchedule({ plant, jobs, isByDevice: true }), `
a
a
a
a
a
a
b
b
`)
  })

  test('jobs without GPUs share cores, on GPU nodes too', () => {
    // Eight cores a node: a and b take five each, so two nodes; c fits beside a.
    const plant = toyPlant({ sites: toyRow(2) })
    const jobs = [{ id: 'a', gpus: 0, cpusPerNode: 5, work: 1 },
      { id: 'b', gpus: 0, cpusPerNode: 5, work: 1 },
      { id: 'c', gpus: 0, cpusPerNode: 4, work: 1 }]
    assert.equal(drawSchedule({ plant, jobs }), `
ac
b.
`)
  })
})

describe('limits', () => {
  test('a queue at its quota blocks only itself', () => {
    const plant = toyPlant({ sites: toyRow(4), queues: [{ quotaGpus: 2 }, {}] })
    const jobs = [{ id: 'a', gpus: 2, work: 2 }, { id: 'b', work: 1 },
      { id: 'c', gpus: 2, work: 1, queue: 'queue1' }]
    assert.equal(drawSchedule({ plant, jobs }), `
aab
aa.
c..
c..
`)
  })

  test('a job that lacks watts goes before all others', () => {
    // The site carries three nodes at 100 W. b lacks 100 W, and c, which has them, waits behind b.
    const plant = toyPlant({ sites: toyRow(4), limits: { site0: 300 } })
    const jobs = [{ id: 'a', gpus: 2, work: 2 }, { id: 'b', gpus: 2, work: 1 },
      { id: 'c', work: 1 }]
    assert.equal(drawSchedule({ plant, jobs }), `
aab
aab
..c
...
`)
  })

  test('watts that one rack lacks are found in another', () => {
    // Each rack has four nodes and carries two; a takes two of each, and b waits for watts.
    const plant = toyPlant({ sites: toyRow(4, 4), limits: { rack0: 200, rack1: 200 } })
    const jobs = [{ id: 'a', gpus: 4, work: 1 }, { id: 'b', work: 1 }]
    assert.equal(drawSchedule({ plant, jobs }), `
ab
a.
..
..
a.
a.
..
..
`)
  })
})
