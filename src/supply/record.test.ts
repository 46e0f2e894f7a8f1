// Shows that the supplies of a site go on from their numbers exactly as they would have by
// themselves, on random sites at random moments; and what whoever does not know returns sees.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suppliesOf } from '../../test/contract/supplies.ts'
import { randomStream } from '../base/random.ts'
import { SupplyMix } from './mix.ts'
import { withoutReturns } from './record.ts'

const HOUR_MS = 3_600_000
const KINDS = suppliesOf([
  { type: 'grid', firm: '60 MW', interruptible: '50 MW', ramp: '20 MW/min' },
  { type: 'megapack-2xl', count: 60 }, { type: 'smt-130', count: 6 }, { type: 'recip', count: 4 },
  { type: 'solar', count: 80 },
])

test('a mix goes on from its numbers as it would have, to the last bit', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = randomStream(seed, 'record')
    const supplies = KINDS.filter(() => random.below(4) > 0)
    if (supplies.length === 0) continue
    const options = { conditions: { firstHour: 9 }, isIslanded: random.below(3) === 0 }
    let mix = new SupplyMix(supplies, { ...options, atMs: 0, demandW: 80e6 })
    let copied = 0
    for (let atMs = 0; atMs < 10 * HOUR_MS;) {
      const index = random.below(supplies.length)
      mix.demand(atMs, random.below(150e6))
      mix.expect(random.below(150e6))
      if (random.below(4) === 0) {
        mix.lose(index, atMs, atMs + 1 + random.below(2 * HOUR_MS), 1 + random.below(2))
      }
      if (supplies[index]!.type === 'grid') mix.curtail(index, atMs + 1e6, atMs + 3e6, 40e6)
      mix.advance(atMs += 1 + random.below(HOUR_MS / 3))
      const from = mix.numbers()
      const other = new SupplyMix(supplies,
        { ...options, atMs: from.nowMs, demandW: from.demandW, from })
      assert.deepEqual(other.numbers(), from)
      const laterMs = atMs + random.below(HOUR_MS)
      assert.deepEqual(other.forecast(laterMs).numbers(), mix.forecast(laterMs).numbers(),
        `seed ${seed} at ${atMs}`)
      // From here on it is the copy that goes on.
      mix = other
      copied++
    }
    assert.ok(copied > 10)
  }
})

test('without knowing when they come back, lost units stay lost', () => {
  const [, battery, turbines] = KINDS
  const mix = new SupplyMix([battery!, turbines!], { atMs: 0, demandW: 50e6 })
  mix.lose(0, 0, HOUR_MS)
  mix.lose(1, 0, HOUR_MS, 2)
  mix.advance(60_000)
  const numbers = mix.numbers()
  const other = new SupplyMix([battery!, turbines!],
    { atMs: numbers.nowMs, demandW: 50e6, from: withoutReturns(numbers) })
  const lost = (one: SupplyMix) => {
    const [store, flow] = one.forecast(3 * HOUR_MS).numbers().supplies
    return [store!.isLost, flow!.units.filter(({ phase }) => phase === 3).length]
  }
  assert.deepEqual([lost(mix), lost(other)], [[0, 0], [1, 2]])
})
