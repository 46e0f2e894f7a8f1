// A live factory on the twin: what is asked is durable before it is answered, the state is that of
// a replay after every batch, and a restart, a disk that fails, and a clock that is set lose
// nothing. On clocks that the tests move by hand, with a store in memory that fails as it is told.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  BY, go, HandClock, keptOf, POLICIES, smallPlant, submit, until,
} from '../../../test/live/site.ts'
import type { Kept } from '../../../test/live/small-store.ts'
import { hashState } from '../../core/state.ts'
import { isRefusal } from '../../model/index.ts'
import type { Answer, Controller } from './controller.ts'
import { rebuild } from './rebuild.ts'
import { startController } from './start.ts'
import { twinKind } from './twin.ts'

const PLANT = smallPlant()

async function start(kept: Kept, clock: HandClock, pace = 1): Promise<Controller> {
  return startController({
    name: 'small', plant: PLANT, policies: POLICIES, open: () => kept.open(), pace, clocks: clock,
    engine: twinKind([], 1, false),
  })
}

/** The state that the durable blocks give, all from the first on. */
async function replayed(kept: Kept): Promise<string> {
  const store = await kept.open()
  const opened = { ...store.opened, snapshot: undefined, snapshotSeq: 0 }
  return hashState((await rebuild({ ...store, opened }, PLANT, kept.blocks.length)).state)
}

function done(answer: Answer): Extract<Answer, { isDone: true }> {
  assert.ok(!isRefusal(answer), JSON.stringify(answer))
  return answer
}

describe('a live factory', () => {
  it('runs what is submitted to its end', async () => {
    const clock = new HandClock()
    const kept = keptOf(PLANT)
    const controller = await start(kept, clock)
    const { number, seq } = done(await controller.ask(submit(16, 60_000), BY))
    assert.equal(number, 1)
    assert.ok(seq >= 1 && seq <= kept.blocks.length)
    await until('it runs', () => controller.state().totals.running === 1)
    await go(controller, clock, 300_000, 20)
    assert.equal(controller.state().totals.running, 0)
    assert.equal(controller.state().totals.pending, 0)
    assert.equal(controller.health().problem, '')
    await controller.close()
    assert.equal(await replayed(kept), hashState(controller.state()))
  })
})
