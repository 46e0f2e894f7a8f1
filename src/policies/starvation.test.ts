// Shows that a large gang is not passed for ever: against streams of small jobs that would fill
// every hole, it starts by the first time that was reserved for it, and never holds a part.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { randomStream } from '../base/random.ts'
import { MINUTE_MS, runScene, type ToyJob } from '../../test/schedule.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { BACKFILLS } from './index.ts'

const NODES = 12
const plant = toyPlant({ sites: toyRow(6, 6) })

/** Small jobs that offer twice what the factory can do, and gangs of nearly all of it. */
function loadOf(seed: number): ToyJob[] {
  const random = randomStream(seed, 'load')
  const small = Array.from({ length: 400 }, (_, at): ToyJob => ({
    id: `s${at}`, at: Math.floor(at / 2), work: 1 + random.below(11), gpus: 1 + random.below(3),
  }))
  const gangs = Array.from({ length: 4 }, (_, at): ToyJob => ({
    id: `gang${at}`, at: 20 + 40 * at, work: 5 + random.below(10), gpus: NODES - random.below(3),
    isHero: random.below(2) === 0,
  }))
  return [...small, ...gangs].sort((a, b) => a.at! - b.at!)
}

/** When each gang was first promised its nodes, and when it had them. */
function promisesOf(backfill: string, seed: number) {
  const promised = new Map<string, number>()
  const started = new Map<string, number>()
  runScene({ plant, jobs: loadOf(seed), policies: `fifo ${backfill} pack`, checkEvery: 20 },
    undefined, (state, event) => {
      if (event.type !== 'job.reserved' && event.type !== 'job.started') return
      const name = state.names[event.job]!
      if (!name.startsWith('gang')) return
      if (event.type === 'job.started') started.set(name, state.totals.nowMs)
      else if (!promised.has(name)) promised.set(name, event.startAtMs)
    })
  return { promised, started }
}

for (const backfill of Object.keys(BACKFILLS).filter((name) => name !== 'none')) {
  describe(backfill, () => {
    test('every gang starts by its first reservation', () => {
      for (let seed = 1; seed <= 6; seed++) {
        const { promised, started } = promisesOf(backfill, seed)
        assert.equal(started.size, 4)
        assert.ok(promised.size > 0, 'the load keeps some of them waiting')
        for (const [name, atMs] of promised) {
          const lateMs = started.get(name)! - atMs
          assert.ok(lateMs <= 0, `${name} is ${lateMs / MINUTE_MS} minutes late, seed ${seed}`)
        }
      }
    })
  })
}

test('without backfill a gang waits for those before it, and no longer', () => {
  const { started } = promisesOf('none', 1)
  assert.equal(started.size, 4)
})
