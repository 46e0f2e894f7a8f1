// Shows what prices recover of a 30 % cut over random mixes, beside the published heuristic.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { recovered } from './elasticity.ts'

const MIXES = 100
const JOBS = 100
/** What the published heuristic recovers (Emerald AI 2026). */
const PUBLISHED = 0.63

test('more than the heuristic with the same knowledge, nearly all once jobs were seen', () => {
  const part = recovered(MIXES, JOBS, 0.3)
  assert.ok(part.price > part.heuristic, `${part.price} against ${part.heuristic}`)
  assert.ok(part.price > part.heuristicTrue, `${part.price} against ${part.heuristicTrue}`)
  assert.ok(part.price > PUBLISHED, `${part.price}`)
  assert.ok(part.priceSeen >= 0.95, `${part.priceSeen}`)
})
