// Shows what counts as idle only because it is apart, in scenes worked out by hand, and that
// packing strands less than spreading on random loads.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { policyNamesOf, traceJob, type Scene, type ToyJob } from '../../test/schedule.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { randomStream } from '../base/random.ts'
import { runTwin } from './compose.ts'

/** GPU-minutes that a scene strands. */
function stranded({ plant, jobs, untilMs = Infinity, ...scene }: Scene): number {
  const arrivals = jobs.map(traceJob)
  let next = 0
  const { summary } = runTwin({
    plant, document: {}, traces: [], seed: 1, untilMs, checkEvery: 0,
    policies: policyNamesOf({ plant, jobs, ...scene }), onJob: () => {},
    source: {
      peekAtMs: () => arrivals[next]?.submitAtMs ?? Infinity,
      next: () => ({ job: arrivals[next]!, name: arrivals[next++]!.id }),
    },
  })
  return Math.round(summary.gpuHours.stranded * 60 * 1e6) / 1e6
}

const spread = 'fifo none spread'

describe('stranded', () => {
  const two = toyPlant({ sites: toyRow(3, 3) })
  const jobs: readonly ToyJob[] = [{ id: 'a', work: 5 }, { id: 'b', work: 5 },
    { id: 'c', gpus: 3, work: 2, at: 1, level: 'rack' }]

  test('four GPUs of two racks, for the four minutes in which a gang wants three of one', () => {
    assert.equal(stranded({ plant: two, jobs, policies: spread }), 4 * 4)
  })

  test('none where packing or moving lets it start', () => {
    assert.equal(stranded({ plant: two, jobs }), 0)
    assert.equal(stranded({ plant: two, jobs, policies: `${spread} none move` }), 0)
  })

  test('not where too few are free in number', () => {
    const large = { id: 'c', gpus: 5, work: 2, at: 1 }
    assert.equal(stranded({ plant: two, jobs: [...jobs.slice(0, 2), large] }), 0)
  })

  test('nor where each site has too few, since a gang does not span sites', () => {
    const sites = toyPlant({ sites: [[[[3]]], [[[3]]]] })
    const gang = { id: 'c', gpus: 3, work: 2, at: 1 }
    const scene = { plant: sites, jobs: [...jobs.slice(0, 2), gang], policies: spread }
    assert.equal(stranded(scene), 0)
  })

  test('where one site has enough, what is free at others counts with it', () => {
    // One node of each rack of two is taken: one is left at the first site, two at the second.
    const plant = toyPlant({ sites: [[[[2]]], [[[2, 2]]]] })
    const taken = ['a', 'b', 'd'].map((id) => ({ id, work: 5 }))
    const gang: ToyJob = { id: 'c', gpus: 2, work: 2, at: 1, level: 'rack' }
    assert.equal(stranded({ plant, jobs: [...taken, gang], policies: spread }), 3 * 4)
  })

  test('parts of nodes, while one wants a whole one', () => {
    const plant = toyPlant({ sites: toyRow(2), systems: [{ gpus: 4 }] })
    const parts = [{ id: 'a', gpus: 2, work: 5 }, { id: 'b', gpus: 3, work: 4 }]
    // 2 + 1 are too few; from minute 4, when b ends, the whole node is there.
    const whole = { id: 'c', gpus: 4, work: 2, at: 1 }
    assert.equal(stranded({ plant, jobs: [...parts, whole], policies: spread }), 0)
    const halves = [{ id: 'a', gpus: 2, work: 5 }, { id: 'b', gpus: 2, work: 4 }]
    assert.equal(stranded({ plant, jobs: [...halves, whole], policies: spread }), 4 * 3)
  })
})

test('packing strands less than spreading, on each of ten random loads', () => {
  // They ask for two thirds of the factory. In a fuller one the place decides less.
  const plant = toyPlant({ sites: toyRow(4, 4, 4, 4), systems: [{ gpus: 4 }] })
  for (let seed = 1; seed <= 10; seed++) {
    const random = randomStream(seed, 'stranded')
    let at = 0
    const jobs = Array.from({ length: 300 }, (_, id): ToyJob => {
      at += Math.floor(random.exponential(7))
      const gpus = [1, 2, 4, 8, 16][random.below(5)]!
      return { id: `j${id}`, at, gpus, work: 1 + random.below(90),
        level: gpus > 4 && random.below(2) === 0 ? 'rack' : '' }
    })
    const [packed, apart] = ['fifo easy pack', 'fifo easy spread'].map((policies) =>
      stranded({ plant, jobs, policies }))
    assert.ok(packed! < apart!, `seed ${seed}: ${packed} and ${apart} GPU-minutes`)
  }
})
