// Shows conservative backfill by schedules worked out by hand, beside EASY's where they differ; and
// over random loads that with exact limits nobody starts later than was first planned.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { randomStream } from '../base/random.ts'
import type { State } from '../core/state.ts'
import { PHASE } from '../model/index.ts'
import { drawSchedule, runScene, type ToyJob } from '../../test/schedule.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { place, submit, toyState } from '../../test/toy-state.ts'
import { plannedStarts } from './backfill-conservative.ts'

const four = toyPlant({ sites: toyRow(4) })
const policies = 'fifo conservative pack'

describe('who may pass', () => {
  // b is reserved minute 2, and c (all four nodes) minute 3. d takes six minutes.
  const jobs = [{ id: 'a', gpus: 2, work: 2 }, { id: 'z', gpus: 1, work: 2 },
    { id: 'b', gpus: 3, work: 1 }, { id: 'c', gpus: 4, work: 1 }, { id: 'd', work: 6 }]

  test('what EASY lets pass, because it protects only the first, delays nobody here', () => {
    assert.equal(drawSchedule({ plant: four, jobs, policies: 'fifo easy pack' }), `
aab...c
aab...c
zzb...c
ddddddc
`)
    assert.equal(drawSchedule({ plant: four, jobs, policies }), `
aabcdddddd
aabc......
zzbc......
...c......
`)
  })

  test('holes before reservations are filled', () => {
    // e ends before c starts, at minute 3, and takes the node that b leaves; f would delay c.
    const more = [...jobs.slice(0, 4), { id: 'f', work: 4 }, { id: 'e', work: 3 }]
    assert.equal(drawSchedule({ plant: four, jobs: more, policies }), `
aabcffff
aabc....
zzbc....
eeec....
`)
  })

  test('a hole between two reservations is planned too', () => {
    // b is planned for minute 2 on the three nodes that a leaves, c for minute 4 on all. g takes
    // two minutes, too many for the hole between them; h takes one.
    const holes = [{ id: 'a', gpus: 3, work: 2 }, { id: 'z', work: 4 },
      { id: 'b', gpus: 3, work: 1 }, { id: 'c', gpus: 4, work: 1 }, { id: 'g', gpus: 2, work: 2 },
      { id: 'h', gpus: 3, work: 1 }]
    assert.equal(drawSchedule({ plant: four, jobs: holes, policies }), `
aabhcgg
aabhcgg
aabhc..
zzzzc..
`)
  })
})

describe('the depth', () => {
  // b holds all nodes at minute 2, c at 3. d delays c alone.
  const jobs = [{ id: 'a', gpus: 3, work: 2 }, { id: 'b', gpus: 3, work: 1 },
    { id: 'c', gpus: 4, work: 1 }, { id: 'd', work: 4 }]

  test('of one is EASY: the second job is delayed', () => {
    assert.equal(drawSchedule({ plant: four, jobs, policies: 'fifo conservative:1 pack' }), `
aab.c
aab.c
aab.c
ddddc
`)
  })

  test('of two protects the second, and lets others pass where they delay neither', () => {
    const more = [...jobs, { id: 'e', gpus: 4, work: 1 }, { id: 'f', work: 3 }]
    assert.equal(drawSchedule({ plant: four, jobs: more, policies: 'fifo conservative:2 pack' }), `
aabcdddde
aabc....e
aabc....e
fffc....e
`)
  })
})

describe('limits of jobs', () => {
  test('a job that ends early lets all behind it move forward', () => {
    // c is planned minute 4 behind b, and d fits beside a. When a ends at minute 1, so does d.
    const jobs = [{ id: 'a', gpus: 3, work: 1, limit: 3 }, { id: 'b', gpus: 4, work: 1 },
      { id: 'c', gpus: 2, work: 1 }, { id: 'd', work: 1 }]
    assert.equal(drawSchedule({ plant: four, jobs, policies }), `
abc
abc
ab.
db.
`)
  })

  test('a job over its limit may end at any moment: what would outlast that waits', () => {
    // b needs a's nodes. At minute 2 a is overdue: d, of two minutes, must wait for b.
    const jobs = [{ id: 'a', gpus: 3, work: 4, limit: 2 }, { id: 'b', gpus: 4, work: 1 },
      { id: 'c', work: 2 }, { id: 'd', work: 2 }]
    assert.equal(drawSchedule({ plant: four, jobs, policies }), `
aaaabdd
aaaab..
aaaab..
cc..b..
`)
  })

  test('an overdue job is not counted on where the others suffice', () => {
    // At minute 2, x is overdue and y ends at minute 5: b is planned for 5, so c runs before it.
    const jobs = [{ id: 'x', work: 9, limit: 1 }, { id: 'y', work: 5 },
      { id: 'z', gpus: 2, work: 2 },
      { id: 'b', gpus: 3, work: 1 }, { id: 'c', work: 3, at: 1 }]
    assert.equal(drawSchedule({ plant: four, jobs, policies }), `
xxxxxxxxx
yyyyyb...
zzcccb...
zz...b...
`)
  })
})

test('a job is planned for as long as it takes on the devices of the pool', () => {
  // chip1 is twice as fast as chip0, which z has. a ends at minute 2, when b needs both of the
  // others: c takes two minutes there, not four, and passes; d takes three and waits.
  const plant = toyPlant({ sites: toyRow([0, 1], [1, 2]), systems: [{}, { speed: 2 }] })
  const jobs = [{ id: 'z', work: 9, device: 'chip0' }, { id: 'a', work: 4 },
    { id: 'b', gpus: 2, work: 2 }, { id: 'd', work: 6 }, { id: 'c', work: 4 }]
  assert.equal(drawSchedule({ plant, jobs, policies }), `
zzzzzzzzz
aabddd...
ccb......
`)
})

describe('topology', () => {
  test('a reservation holds the rack that is required, and only it', () => {
    const plant = toyPlant({ sites: toyRow(2, 2) })
    const jobs = [{ id: 'a', work: 4, level: 'rack' }, { id: 'p', work: 4 }, { id: 'z', work: 2 },
      { id: 'b', gpus: 2, work: 1, level: 'rack' }, { id: 'c', work: 5 }]
    // As with EASY: rack 1 is free at minute 2, so c may not take its free node.
    assert.equal(drawSchedule({ plant, jobs, policies }), `
aaaa....
pppp....
zzbccccc
..b.....
`)
  })

  test('two gangs that each require a rack are planned in two racks', () => {
    // b gets rack 1 at minute 2; so c is planned rack 0 at minute 3 and not rack 1 after b. d ends
    // before b needs its node, e would not.
    const plant = toyPlant({ sites: toyRow(2, 2) })
    const jobs = [{ id: 'a', gpus: 2, work: 3, level: 'rack' }, { id: 'z', work: 2 },
      { id: 'b', gpus: 2, work: 2, level: 'rack' }, { id: 'c', gpus: 2, work: 2, level: 'rack' },
      { id: 'e', work: 3 }, { id: 'd', work: 2 }]
    assert.equal(drawSchedule({ plant, jobs, policies }), `
aaacc..
aaacc..
zzbbeee
ddbb...
`)
  })

  test('a job goes to the site where it is planned, though pack would choose another', () => {
    // b is planned both nodes of site 0 at minute 2. Pack would give c the one that is free there.
    const plant = toyPlant({ sites: [[[[2]]], [[[4]]]] })
    const jobs = [{ id: 'a', work: 2 }, { id: 'y', work: 5, gpus: 3 },
      { id: 'b', gpus: 2, work: 1 }, { id: 'c', work: 4 }]
    assert.equal(drawSchedule({ plant, jobs, policies }), `
aab..
..b..
yyyyy
yyyyy
yyyyy
cccc.
`)
  })
})

describe('watts and quota', () => {
  test('a plan holds watts of the site', () => {
    // The site carries three nodes. b needs three, at minute 3; c ends by then, d does not.
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

  test('the second that lacks watts is protected too', () => {
    // b has its watts at minute 2, c at minute 3; d would take one of c's.
    const plant = toyPlant({ sites: toyRow(5), limits: { site0: 300 } })
    const jobs = [{ id: 'a', gpus: 2, work: 2 }, { id: 'b', gpus: 2, work: 1 },
      { id: 'c', gpus: 3, work: 1 }, { id: 'd', work: 4 }]
    assert.equal(drawSchedule({ plant, jobs, policies }), `
aabcdddd
aabc....
...c....
........
........
`)
  })

  test('while a row lacks watts, nothing below it starts that outlasts the turn', () => {
    const plant = toyPlant({ sites: toyRow(6), limits: { row0: 300 } })
    const jobs = [{ id: 'a', gpus: 2, work: 3 }, { id: 'b', gpus: 3, work: 1 },
      { id: 'd', work: 4 }, { id: 'c', work: 3 }]
    assert.equal(drawSchedule({ plant, jobs, policies }), `
aaabdddd
aaab....
cccb....
........
........
........
`)
  })

  test('a job behind takes no quota that one before it will need', () => {
    // The queue may hold three GPUs. b is planned for minute 2; d fits now but would leave one.
    const plant = toyPlant({ sites: toyRow(4), queues: [{ quotaGpus: 3 }] })
    const jobs = [{ id: 'a', gpus: 2, work: 2 }, { id: 'b', gpus: 3, work: 1 },
      { id: 'd', work: 3 }, { id: 'c', work: 2 }]
    assert.equal(drawSchedule({ plant, jobs, policies }), `
aabddd
aab...
ccb...
......
`)
  })

  test('what another queue took of their parent in the same round is gone', () => {
    // lab owns four: a holds two, and c takes the others. d would fit the nodes, and waits for c.
    const plant = toyPlant({ sites: toyRow(5), queues: [{ quotaGpus: 4 },
      { parent: 0, quotaGpus: 0 }, { parent: 0, quotaGpus: 0 }, {}] })
    const jobs = [{ id: 'a', gpus: 2, work: 6, queue: 'queue1' },
      { id: 'g', gpus: 4, work: 1, queue: 'queue3' },
      { id: 'b', gpus: 4, work: 1, queue: 'queue2' },
      { id: 'c', gpus: 2, work: 3, queue: 'queue1' }, { id: 'd', work: 2, queue: 'queue2' }]
    assert.equal(drawSchedule({ plant, jobs, policies }), `
aaaaaagb
aaaaaagb
cccdd.gb
ccc...gb
........
`)
  })
})

describe('parts of nodes', () => {
  const plant = toyPlant({ sites: toyRow(2), systems: [{ gpus: 4 }] })

  test('a part may share a node in use for as long as others keep it busy', () => {
    // b holds both nodes from minute 2. c shares a's node till then; d would be too long for it.
    const jobs = [{ id: 'a', gpus: 2, work: 2 }, { id: 'b', gpus: 8, work: 1 },
      { id: 'd', gpus: 1, work: 3 }, { id: 'c', gpus: 2, work: 2 }]
    assert.equal(drawSchedule({ plant, jobs, policies, isByDevice: true }), `
aabddd
aab...
ccb...
ccb...
..b...
..b...
..b...
..b...
`)
  })

  test('cores are waited for until a node is given back, and others share what is left', () => {
    // x and y leave three of eight cores each; b needs five and gets x's at minute 3. c fits beside
    // x, and then beside b; the picture shows the last of those that share a node.
    const cores = toyPlant({ sites: toyRow(2) })
    const jobs = [{ id: 'x', gpus: 0, cpusPerNode: 5, work: 3 },
      { id: 'y', gpus: 0, cpusPerNode: 5, work: 9 }, { id: 'b', gpus: 0, cpusPerNode: 5, work: 2 },
      { id: 'c', gpus: 0, cpusPerNode: 3, work: 4 }]
    assert.equal(drawSchedule({ plant: cores, jobs, policies }), `
cccbb....
yyyyyyyyy
`)
  })
})

describe('a hero', () => {
  // h needs all nodes and gets them at minute 4, if c and d do not last longer than they say.
  const jobs = [{ id: 'a', gpus: 2, work: 4 }, { id: 'h', gpus: 4, work: 1, isHero: true },
    { id: 'c', work: 2 }, { id: 'd', gpus: 2, work: 1 }]

  for (const backfill of ['easy', 'conservative', 'conservative:1']) {
    test(`${backfill}: no job behind it gets a node that it will need, however short`, () => {
      const ways = { plant: four, policies: `fifo ${backfill} pack` }
      const plain = jobs.map((job) => ({ ...job, isHero: false }))
      assert.equal(drawSchedule({ ...ways, jobs: plain }), `
aaaah
aaaah
ccd.h
..d.h
`)
      assert.equal(drawSchedule({ ...ways, jobs }), `
aaaahcc
aaaahd.
....hd.
....h..
`)
    })

    test(`${backfill}: others get the nodes that it will leave, and never more at a time`, () => {
      // Of five nodes h leaves one: c has it first, then d, though two are free.
      const five = toyPlant({ sites: toyRow(5) })
      const ways = { plant: five, policies: `fifo ${backfill} pack` }
      const more = [{ id: 'a', gpus: 3, work: 4 }, { id: 'h', gpus: 4, work: 1, isHero: true },
        { id: 'c', work: 2 }, { id: 'd', work: 1 }, { id: 'e', work: 1, at: 1 }]
      assert.equal(drawSchedule({ ...ways, jobs: more }), `
aaaah
aaaah
aaaah
ccdeh
.....
`)
    })
  }
})

describe('planned starts', () => {
  test('are those of the plan, in minutes from now', () => {
    const state = toyState({ sites: toyRow(4) })
    place(state, [0, 2, 0], { gpus: 2, limitMs: 2000 })
    place(state, [2, 3, 0], { gpus: 1, limitMs: 3000 })
    const jobs = [submit(state, { gpus: 3, limitMs: 1000 }), submit(state, { gpus: 4 }),
      submit(state, { limitMs: 4000 }), submit(state, { gpus: 1, limitMs: 2000 })]
    assert.deepEqual([...plannedStarts(state, 100)],
      [[jobs[0], 2000], [jobs[1], 3000], [jobs[2], 4000], [jobs[3], 0]])
    assert.deepEqual([...plannedStarts(state, 2)], [[jobs[0], 2000], [jobs[1], 3000]])
  })

  test('with exact limits nobody starts later than was first planned', () => {
    const binding = fc.constantFrom('nodes', 'watts', 'quota')
    fc.assert(fc.property(fc.nat(), fc.constantFrom('', ':3'), binding, (seed, depth, binds) => {
      const { plant, jobs } = randomLoad(seed, binds)
      const planned = new Map<string, number>()
      let checked = 0
      runScene({ plant, jobs, policies: `fifo conservative${depth} pack` }, undefined,
        (state, event) => {
          if (event.type === 'job.started') {
            const name = state.names[event.job]!
            const startMs = planned.get(name) ?? state.totals.nowMs
            checked += Number(startMs > 0)
            assert.ok(state.totals.nowMs <= startMs, `${name} was planned for ${startMs}`)
          }
          // Mid-turn, jobs may be over of which it is not yet reported.
          if (event.type !== 'job.submitted' || hasOverdue(state)) return
          for (const [job, startMs] of plannedStarts(state, depth === '' ? 100 : 3)) {
            const name = state.names[job]!
            if (!planned.has(name)) planned.set(name, startMs)
          }
        })
      assert.ok(checked > 0)
    }), { numRuns: 30 })
  })
})

function hasOverdue({ tables, totals }: State): boolean {
  const { phase, expectedEndAtMs } = tables.jobs
  for (let job = 0; job < totals.jobRows; job++) {
    if (phase[job]! >= PHASE.starting && expectedEndAtMs[job]! <= totals.nowMs) return true
  }
  return false
}

/** Gangs of whole nodes on one site, whose nodes, watts or quota bind. */
function randomLoad(seed: number, binds: 'nodes' | 'watts' | 'quota') {
  const random = randomStream(seed, 'conservative')
  const plant = toyPlant({
    sites: toyRow(3, 2, 4), limits: binds === 'watts' ? { site0: 700 } : {},
    queues: binds === 'quota' ? [{ quotaGpus: 6 }] : [{}, {}],
  })
  const jobs: ToyJob[] = Array.from({ length: 60 }, (_, at) => ({
    id: `j${at}`, gpus: 1 + random.below(6), work: 1 + random.below(6), at: random.below(60),
    queue: binds === 'quota' ? '' : `queue${random.below(2)}`,
  }))
  return { plant, jobs: jobs.sort((a, b) => a.at! - b.at!) }
}
