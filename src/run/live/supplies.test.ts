// Supplies of a live factory on the twin: what is lost limits as in a run of the twin, how they
// stand survives a restart to the last bit as far as it was told, and a replay has the same. On a
// clock that the test moves, with a store in memory.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ISLAND } from '../../../test/island.ts'
import { BY, go, HandClock, keptOf, POLICIES, submit } from '../../../test/live/site.ts'
import type { Kept } from '../../../test/live/small-store.ts'
import { plainJob } from '../../../test/plain-job.ts'
import { fromHours, fromMinutes } from '../../base/units.ts'
import { brokenInvariants } from '../../core/invariants.ts'
import { hashState, type State } from '../../core/state.ts'
import { suppliesKnown } from '../../core/supply-cells.ts'
import { isRefusal } from '../../model/index.ts'
import { runTwin } from '../compose.ts'
import { compileScenario } from '../scenario.ts'
import { leastOver } from '../power-ahead.ts'
import { suppliesNow } from '../supply-view.ts'
import type { Controller } from './controller.ts'
import { rebuild } from './rebuild.ts'
import { startController } from './start.ts'
import { twinKind } from './twin.ts'

const PLANT = ISLAND.plant

const HOUR = fromHours(1)

function start(kept: Kept, clock: HandClock): Promise<Controller> {
  return startController({
    name: 'island', plant: PLANT, policies: POLICIES, open: () => kept.open(), pace: 1,
    clocks: clock, engine: twinKind([], 1, false),
  })
}

/** Least that may be granted in the two hours ahead. */
function leastAhead(state: State): number {
  const { nowMs } = state.totals
  return leastOver(state, state.layout.plant.sites[0]!.feeder, nowMs, nowMs + 2 * HOUR).limitW
}

async function replayed(kept: Kept): Promise<State> {
  const store = await kept.open()
  const opened = { ...store.opened, snapshot: undefined, snapshotSeq: 0 }
  return (await rebuild({ ...store, opened }, PLANT, kept.blocks.length)).state
}

/** Two of the engines trip for three hours. */
async function trip(controller: Controller) {
  const untilMs = controller.state().totals.nowMs + 3 * HOUR
  return controller.ask({ type: 'other',
    intent: { type: 'lose-supply', site: 0, supply: 0, units: 2, untilMs } }, BY)
}

describe('supplies of a live factory', () => {
  it('limit what may be granted when some are lost, as in a run of the twin', async () => {
    const clock = new HandClock()
    const controller = await start(keptOf(PLANT), clock)
    await controller.ask(submit(512, 20 * HOUR), BY)
    await go(controller, clock, HOUR, 20)
    assert.equal(controller.state().tables.feeders.limitW[0], 800_000)
    assert.ok(!isRefusal(await trip(controller)))
    await go(controller, clock, fromMinutes(30), 10)
    const state = controller.state()
    assert.equal(suppliesNow(state, 0)!.supplies[0]!.lost, 2)
    // Of three engines one is kept back: the battery holds no more than what is granted already.
    const least = leastAhead(state)
    assert.ok(least < 800_000 && least >= 400_000, `${least}`)
    assert.equal(least, leastAhead(twinAt(1.5)))
    assert.deepEqual(brokenInvariants(state), [])
    await go(controller, clock, 3 * HOUR, 30)
    assert.equal(suppliesNow(controller.state(), 0)!.supplies[0]!.lost, 0)
    assert.equal(leastAhead(controller.state()), 800_000)
    await controller.close()
  })

  it('go on after a restart in the middle of a loss from where they were told', async () => {
    const clock = new HandClock()
    const kept = keptOf(PLANT)
    const controller = await start(kept, clock)
    await controller.ask(submit(512, 20 * HOUR), BY)
    await go(controller, clock, HOUR, 20)
    await trip(controller)
    await go(controller, clock, fromMinutes(21), 7)
    const before = controller.state()
    const known = suppliesKnown(before, 0)!
    const rows = before.totals.limits
    // It dies: nothing is kept but the journal.
    const copy = kept.cut(kept.blocks.length)
    await controller.close()
    assert.equal(hashState(await replayed(copy)), hashState(before))
    const again = await start(copy, clock)
    assert.deepEqual(suppliesKnown(again.state(), 0), known)
    await go(again, clock, fromMinutes(9), 3)
    const after = suppliesNow(again.state(), 0)!
    assert.equal(after.supplies[0]!.lost, 2)
    assert.ok(after.supplies[0]!.fuelMWh > known.numbers.supplies[0]!.fuelJ / 3.6e9)
    assert.equal(again.health().problem, '')
    assert.ok(again.state().totals.limits <= rows + 1, 'limits of before are taken back')
    assert.deepEqual(brokenInvariants(again.state()), [])
    // As if it had not died, but for a draw that moved by less than a 400th of the limit.
    const twin = suppliesNow(twinAt(1.5), 0)!
    assert.ok(Math.abs(after.storedMWh! - twin.storedMWh!) < 0.01 * twin.storedMWh!,
      `${after.storedMWh} ${twin.storedMWh}`)
    await go(again, clock, 3 * HOUR, 20)
    assert.equal(suppliesNow(again.state(), 0)!.supplies[0]!.lost, 0)
    await again.close()
    assert.equal(hashState(await replayed(copy)), hashState(again.state()))
  })

  it('are not lost where there are none, or not so many', async () => {
    const controller = await start(keptOf(PLANT), new HandClock())
    for (const [supply, units, code] of [[2, 1, 'no-such-supply'], [0, 6, 'out-of-range'],
      [0, 0, 'out-of-range']] as const) {
      const answer = await controller.ask({ type: 'other', intent: {
        type: 'lose-supply', site: 0, supply, units, untilMs: HOUR } }, BY)
      assert.ok(isRefusal(answer) && answer.code === code, JSON.stringify(answer))
    }
    await controller.close()
  })
})

/** A run of the twin in which two engines are lost at one hour, up to a moment. */
function twinAt(hours: number): State {
  const jobs = [plainJob('a', 0, 512, 20 * HOUR)]
  const scenario = compileScenario({ events: [
    { supplyLost: { site: 'here', supply: 'recip', units: 2, at: '1h', for: '3h' } },
  ] }, PLANT, (file) => file)
  return runTwin({
    plant: PLANT, document: {}, traces: [], seed: 1, untilMs: hours * HOUR, checkEvery: 0,
    policies: POLICIES, scenario,
    source: {
      peekAtMs: () => jobs[0]?.submitAtMs ?? Infinity,
      next: () => ({ job: jobs.shift()!, name: 'a' }),
    },
  }).state
}
