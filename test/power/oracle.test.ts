// Shows that prices find the optimum: random trees and jobs against HiGHS, which shares no code.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { allocate } from '../../src/core/allocate.ts'
import { allocateEvenly } from '../../src/core/allocate-even.ts'
import { allocateByPriority } from '../../src/core/allocate-priority.ts'
import { checkPower } from '../../src/core/allocate-input.ts'
import { checkCase, problemsOf } from './check.ts'
import { makeOracle } from './oracle.ts'
import { caseOf } from './random-power.ts'

const CASES = 200
const WHOLE_CASES = 12

test('a thousandth below the hull at most, and never over a limit', async () => {
  const oracle = await makeOracle()
  for (let number = 0; number < CASES; number++) {
    const power = caseOf(number, 200)
    checkPower(power.tree, power.jobs)
    const { problems } = checkCase(oracle, power)
    assert.deepEqual(problems, [], `case ${number}`)
  }
})

test('small cases are within a hundredth of what whole pauses allow at all', async () => {
  const oracle = await makeOracle()
  for (let number = 0; number < WHOLE_CASES; number++) {
    const power = caseOf(number, 24)
    const best = oracle.best(power, true)
    const { value } = allocate(power.tree, power.jobs)
    assert.ok(value <= best * (1 + 2e-5), `case ${number}: ${value} above ${best}`)
    assert.ok(value >= 0.99 * best, `case ${number}: ${value} of ${best}`)
  }
})

test('even and by priority keep the same limits and never do better', () => {
  for (let number = 0; number < 60; number++) {
    const power = caseOf(number, 100)
    const best = allocate(power.tree, power.jobs)
    for (const other of [allocateEvenly, allocateByPriority]) {
      const allotment = other(power.tree, power.jobs)
      assert.deepEqual(problemsOf(power, allotment), [], `case ${number}: ${other.name}`)
      if (allotment.shorts.length > 0) assert.ok(best.shorts.length > 0, `case ${number}`)
      else assert.ok(allotment.value <= best.boundValue * (1 + 1e-9), `case ${number}`)
    }
  }
})
