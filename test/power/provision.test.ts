// Shows what more GPUs than a budget feeds at full power bring, against what the curve allows.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { CAPS_W, DRAW_W, gainOf, SERVER_W, SPEED } from './provision.ts'

const SERVERS = 1000

/** Work per watt at a cap against that at full power: what the curve allows, by division. */
function allowed(watts: readonly number[], k: number): number {
  return SPEED[k]! * (watts.at(-1)! + SERVER_W) / (watts[k]! + SERVER_W)
}

test('per provisioned MW: 12 to 14 % more work, within a point of the curve', () => {
  for (const [k, least] of [[2, 1.13], [3, 1.12]] as const) {
    const surplus = (CAPS_W.at(-1)! + SERVER_W) / (CAPS_W[k]! + SERVER_W)
    const gain = gainOf(SERVERS, surplus, false)
    assert.ok(Math.abs(gain - allowed(CAPS_W, k)) < 0.01, `${gain} of ${allowed(CAPS_W, k)}`)
    assert.ok(gain > least && gain < 1.15, `${gain}`)
  }
})

test('per drawn MW: 8 to 9 % more work, within a point of the curve', () => {
  for (const k of [2, 3]) {
    const surplus = (DRAW_W.at(-1)! + SERVER_W) / (DRAW_W[k]! + SERVER_W)
    const gain = gainOf(SERVERS, surplus, true)
    assert.ok(Math.abs(gain - allowed(DRAW_W, k)) < 0.01, `${gain} of ${allowed(DRAW_W, k)}`)
    assert.ok(gain > 1.07 && gain < 1.1, `${gain}`)
  }
})

test('with far too many GPUs it stops at the best cap and leaves the rest off', () => {
  const best = Math.max(...SPEED.map((_, k) => allowed(CAPS_W, k)))
  const gain = gainOf(SERVERS, 2.5, false)
  assert.ok(gain > best - 0.01 && gain <= best + 1e-9, `${gain} of ${best}`)
})
