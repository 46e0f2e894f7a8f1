// Shows the ledger of watts by hand, with losses and roundings, and against a sum from the bottom
// up after any starts and ends; and that a draft foretells it to the watt.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { toyRow } from '../../test/toy-plant.ts'
import { place, toyState } from '../../test/toy-state.ts'
import { apply } from './apply.ts'
import { charge, Draft, headroomW, ledgerErrors } from './ledger.ts'

/** Feeders: 0 site, 1 hall, 2 row, 3 and 4 racks. */
function ledgerState() {
  return toyState({
    sites: toyRow(2, 2),
    systems: [{ gpus: 2, deviceIdleW: 10, deviceRatedW: 107 }],
    bases: { site0: 5, hall0: 11, rack0: 40, rack1: 40 },
    ratios: { hall0: 13_000, rack0: 10_100 },
    limits: { site0: 700 },
  })
}

test('by hand: base loads, a loss of 1 % and cooling of 1.3, each rounded up', () => {
  const state = ledgerState()
  const grants = () => [...state.tables.feeders.grantW]
  // Racks 40 and 40 W; the row takes ceil(40 × 1.01) + 40 = 81; the hall 11 + 81 = 92; the site
  // 5 + ceil(92 × 1.3 = 119.6) = 125.
  assert.deepEqual(grants(), [125, 92, 81, 40, 40])
  // Two devices in rack 0 at 97 W above idle: 234; ceil(234 × 1.01 = 236.34) + 40 = 277; 288;
  // 5 + ceil(288 × 1.3 = 374.4) = 380.
  const job = place(state, [0, 1, 0], { gpus: 2 })
  assert.deepEqual(grants(), [380, 288, 277, 234, 40])
  assert.equal(headroomW(state, 0), 320)
  // One device in rack 1: 137, without loss: 374; 385; 5 + ceil(500.5) = 506.
  place(state, [2, 3, 1], { gpus: 1 })
  assert.deepEqual(grants(), [506, 385, 374, 234, 137])
  assert.deepEqual(ledgerErrors(state), [])
  apply(state, { type: 'job.ended', job, outcome: 'completed' })
  // 40 + 1.01 × 40 rounded up, and so on: what is left is as if the job had never been.
  assert.deepEqual(grants(), [251, 189, 178, 40, 137])
})

test('a draft foretells what the charges do, and is exact to undo', () => {
  const charges = fc.array(fc.record({
    leaf: fc.constantFrom(3, 4), watts: fc.integer({ min: -30, max: 300 }),
  }), { maxLength: 20 })
  fc.assert(fc.property(charges, (list) => {
    const state = ledgerState()
    const before = [...state.tables.feeders.grantW]
    const draft = new Draft(before.length)
    for (const { leaf, watts } of list) draft.add(state, leaf, watts)
    const foretold = before.map((watts, feeder) => watts + draft.at(feeder))
    const firstOver = draft.overloaded(state)
    for (const { leaf, watts } of list) charge(state, state.tables.feeders.grantW, leaf, watts)
    assert.deepEqual([...state.tables.feeders.grantW], foretold)
    const isOver = foretold.map((watts, feeder) => watts > before[feeder]!
      && watts > state.layout.feederLimitW[feeder]!)
    assert.equal(firstOver >= 0, isOver.includes(true))
    if (firstOver >= 0) assert.ok(isOver[firstOver])
    const { grantW } = state.tables.feeders
    for (const { leaf, watts } of list.toReversed()) charge(state, grantW, leaf, -watts)
    assert.deepEqual([...state.tables.feeders.grantW], before)
    draft.clear()
    assert.deepEqual(before.map((_, feeder) => draft.at(feeder)), before.map(() => 0))
  }))
})

test('a charge that does not fit leaves the draft as it was', () => {
  const state = ledgerState()
  const draft = new Draft(state.layout.plant.feeders.length)
  // The site has 575 W of headroom, which is 442 W at the row; rack 0 loses 1 % of what it takes.
  assert.equal(draft.tryAdd(state, 3, 400), true)
  const at = () => [0, 1, 2, 3, 4].map((feeder) => draft.at(feeder))
  const before = at()
  assert.equal(draft.tryAdd(state, 4, 200), false)
  assert.deepEqual(at(), before)
  assert.equal(draft.overloaded(state), -1)
})
