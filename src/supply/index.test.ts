// Runs the suite of supplies over every kind that is registered, with the catalogue's numbers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { supplySuite } from '../../test/suites/supply.suite.ts'
import { suppliesOf } from '../../test/contract/supplies.ts'
import type { Supply } from '../model/supply.ts'
import { SUPPLIES } from './index.ts'

const [grid, battery, turbine, engine, solar] = suppliesOf([
  { type: 'grid', firm: '100 MW', ramp: '20 MW/min' },
  { type: 'megapack-2xl', count: 60 },
  { type: 'smt-130', count: 6 },
  { type: 'recip', count: 5 },
  { type: 'solar', count: 100, hours: Array.from({ length: 24 }, () => 0.6) },
]) as readonly Supply[]

const EXAMPLES = { grid, battery, turbine, engine, solar }

/** What each can give at most: all its units at 15 C. */
const MOST_W = { grid: 100e6, battery: 58.8e6, turbine: 96e6, engine: 94e6, solar: 60e6 }

test('there is an example of every kind', () => {
  assert.deepEqual(Object.keys(EXAMPLES), Object.keys(SUPPLIES))
})

for (const name of ['grid', 'battery', 'turbine', 'engine', 'solar'] as const) {
  const beside = name === 'battery' ? [grid!] : [battery!]
  supplySuite({ summary: SUPPLIES[name].summary, example: EXAMPLES[name]!, mostW: MOST_W[name],
    beside })
}
