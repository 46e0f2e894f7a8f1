// Shows that the event of Phoenix is held, and what that costs, on the twin: with curves as they
// are believed against HiGHS, 5 % off with a node lost, and with the controller gone. `npm run
// accept` runs ten seeds of each case.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeOracle } from '../power/oracle.ts'
import { CASES, problemsOf } from './check.ts'
import { runPhoenix } from './phoenix.ts'

for (const name of ['as believed', 'a node lost', 'controller gone in the ramp']) {
  test(`the event is held: ${name}`, async () => {
    const { curveError, more, allowed } = CASES[name]!
    const run = await runPhoenix(await makeOracle(), 1, curveError, more)
    assert.deepEqual(problemsOf(run, allowed), [])
  })
}
