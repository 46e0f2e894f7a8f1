// Shows what of a feeder that grants too much is no fault: by hand, three nodes of 100 W in a hall
// whose cooling takes a fifth on top by the plant, and nothing for a while.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toyRow } from '../../test/toy-plant.ts'
import { place, toyState } from '../../test/toy-state.ts'
import { RATIO_ONE } from '../model/index.ts'
import { advance, apply } from './apply.ts'
import { limitErrors } from './excess.ts'

test('cooling that takes again what it took before is a cut, until something starts', () => {
  const state = toyState({
    sites: toyRow(1, 1, 1), ratios: { hall0: 12_000 }, limits: { site0: 230 },
  })
  const moved = (atMs: number, ratioPer10k: number) => {
    advance(state, atMs)
    apply(state, { type: 'feeder.ratio', feeder: 1, ratioPer10k })
  }
  moved(1000, RATIO_ONE)
  for (const node of [0, 1]) place(state, [node, node + 1, 0], {})
  assert.deepEqual(limitErrors(state), [])
  moved(2000, 12_000)
  assert.deepEqual(limitErrors(state), [])
  advance(state, 3000)
  place(state, [2, 3, 0], {})
  assert.deepEqual(limitErrors(state), ['feeder site0 grants 130 W more than its limit'])
})
