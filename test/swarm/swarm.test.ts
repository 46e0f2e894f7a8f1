// Runs a few dozen random worlds; `npm run swarm -- --seconds 600` runs as many as fit. A failure
// prints the line that repeats it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FEATURES } from './features.ts'
import { worldProblems } from './run.ts'
import { randomWorld } from './world.ts'

const WORLDS = 40

test(`${WORLDS} random worlds`, () => {
  for (let seed = 1; seed <= WORLDS; seed++) {
    assert.deepEqual(worldProblems(seed), [], `npm run swarm -- --world ${seed}`)
  }
})

test('between them they have every feature, and none has them all', () => {
  const worlds = Array.from({ length: WORLDS }, (_, at) => randomWorld(at + 1).features)
  for (const feature of FEATURES) {
    const count = worlds.filter((features) => features.has(feature)).length
    assert.ok(count > WORLDS / 8 && count < WORLDS, `${feature} is in ${count} worlds`)
  }
})
