// Runs a few dozen random worlds; `npm run swarm -- --seconds 600` runs as many as fit. A failure
// prints the line that repeats it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FEATURES, POWER_FEATURES } from './features.ts'
import { anyWorld } from './power-world.ts'
import { worldProblems } from './run.ts'
import { randomWorld } from './world.ts'

const WORLDS = 40

/** As many as take some seconds; the search runs the others. */
const WORLDS_RUN = 24

test(`${WORLDS_RUN} random worlds`, () => {
  for (let seed = 1; seed <= WORLDS_RUN; seed++) {
    assert.deepEqual(worldProblems(seed), [], `npm run swarm -- --world ${seed}`)
  }
})

// A paused job that ramps kept from going on; a promise that could not be fed; an even cut without
// end; a start in the place of a job that was to pause; one under a limit that was to come; a
// limit that fell within a target; one that fell while nobody was there; jobs that were paused for
// those that waited for their nodes, by reservation and in strict order; draw lower than believed;
// one in another's place that swings more; one that could run only while it was cool; a window of
// one pool and no nodes in another; room that was made for one behind another, and given back;
// lower caps on their way that later orders put off, and that were not enough; a cap that let a job
// swing more and draw the same; a job that came in the minute after a rise; room made
// for a job that would have delayed a planned one, or one that lacks quota; caps that came down,
// were not enough and went up again; floors beside a limit that came when the cooling took more.
for (const seed of [59, 156, 187, 189, 353, 472, 9127, 20088, 70284, 20105, 160296, 160398,
  200598, 201082, 260138, 300057, 500213, 500525, 280269, 702197, 901484, 1000968,
  2001528, 2002728, 2000488, 2003795]) {
  test(`world ${seed}, which showed a bug`, () => {
    assert.deepEqual(worldProblems(seed), [], `npm run swarm -- --world ${seed}`)
  })
}

test('many have power in time, and between them all of it', () => {
  const worlds = Array.from({ length: WORLDS }, (_, at) => anyWorld(at + 1).power?.features)
  for (const feature of POWER_FEATURES) {
    const count = worlds.filter((features) => features?.has(feature)).length
    assert.ok(count > 3 && count < WORLDS, `${feature} is in ${count} worlds`)
  }
})

test('between them they have every feature, and none has them all', () => {
  const worlds = Array.from({ length: WORLDS }, (_, at) => randomWorld(at + 1).features)
  for (const feature of FEATURES) {
    const count = worlds.filter((features) => features.has(feature)).length
    assert.ok(count > WORLDS / 8 && count < WORLDS, `${feature} is in ${count} worlds`)
  }
})
