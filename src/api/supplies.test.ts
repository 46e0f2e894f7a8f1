// Supplies over HTTP, of a small island on the twin whose clock the test moves: as they are now,
// as they were, over the recent past and ahead, and what becomes of a loss that is tried.
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { serve, smallFactory } from '../../test/api-server.ts'
import { ISLAND } from '../../test/island.ts'
import { BY, go, HandClock, keptOf, POLICIES, submit } from '../../test/live/site.ts'
import { fromHours, fromMinutes } from '../base/units.ts'
import { openStore } from '../journal/sqlite.ts'
import { startController } from '../run/live/start.ts'
import { twinKind } from '../run/live/twin.ts'
import type { PowerAhead } from '../run/power-ahead.ts'
import { ApiError } from './client.ts'
import type { PowerHistory } from './schema-history.ts'
import type { FactoryEvent } from './schema-server.ts'

const PLANT = ISLAND.plant

const clock = new HandClock()
const folder = mkdtempSync(join(tmpdir(), 'supplies-'))
const { header } = keptOf(PLANT)
const controller = await startController({
  name: 'island', plant: PLANT, policies: POLICIES, open: () => openStore(folder, header), pace: 1,
  clocks: clock, engine: twinKind([], 1, false),
})
const served = await serve([controller, smallFactory('plain')])
after(async () => {
  await served.close()
  await controller.close()
  rmSync(folder, { recursive: true })
})
const operator = served.clientOf('operator')

async function history(): Promise<PowerHistory> {
  const response = await fetch(`${served.server.url}/v1/history?factory=island`, {
    headers: { authorization: `Bearer ${served.secrets.viewer}` } })
  equal(response.status, 200)
  return await response.json() as PowerHistory
}

await controller.ask(submit(512, fromHours(20)), BY)
await go(controller, clock, fromHours(1), 20)

test('each site tells what its supplies give, hold and have cost', async () => {
  const { items: [here, ...others] } = await operator.supplies()
  equal(others.length, 0)
  const [engines, battery] = here!.supplies
  deepEqual([engines!.type, engines!.units, engines!.lost, battery!.units], ['engine', 5, 0, 1])
  ok(Math.abs(here!.generatorsW + here!.batteryW - here!.drawW) < 1)
  equal(here!.generatorsW, engines!.outputW)
  ok(engines!.fuelMWh > engines!.givenMWh && engines!.dollars > 0)
  ok(here!.storedMWh! > 0.5 * here!.mostMWh! && here!.storedMWh! <= here!.mostMWh!)
  equal(here!.unservedW, 0)
  // The root of the site has the sums, no other feeder.
  const feeders = (await operator.feeders({ limit: 1000 })).items
  deepEqual(feeders.filter(({ supplied }) => supplied !== null).map(({ name }) => name),
    [here!.feeder])
  equal(feeders.find(({ name }) => name === here!.feeder)!.supplied!.generatorsW,
    here!.generatorsW)
  // A factory without supplies has none.
  deepEqual((await operator.supplies({ factory: 'plain' })).items, [])
})

test('the recent past has a series of them, and the hours ahead go on from there', async () => {
  const past = await history()
  const { supplied, drawW } = past.samples
  equal(supplied!.generatorsW.length, drawW.length)
  equal(supplied!.storedMWh.at(-1), Number(past.supplied!.storedMWh!.toPrecision(10)))
  const ahead = await operator.powerAhead({ factory: 'island', forMs: fromHours(6) }) as
    unknown as PowerAhead
  const { moments, supplies } = ahead.feeders[0]!
  ok(Math.abs(moments[0]!.supplied!.storedMWh! - past.supplied!.storedMWh!) < 0.05)
  equal(supplies!.supplies[0]!.on, past.supplied!.supplies[0]!.on)
  ok(moments.every((each) => each.supplied !== null))
})

test('what is lost as a trial is told, and the time before is still there', async () => {
  const before = controller.clock.dateOf(controller.state().totals.nowMs) - 60_000
  const dry = await operator.loseSupply({ supply: 'recip', units: 2, forMs: fromHours(2) },
    { dryRun: true })
  deepEqual('dryRun' in dry && [dry.dryRun, dry.event], [true, 'supply.lost'])
  await operator.loseSupply({ supply: 'recip', units: 2, forMs: fromHours(2) })
  await go(controller, clock, fromMinutes(12), 4)
  const now = (await operator.supplies()).items[0]!
  equal(now.supplies[0]!.lost, 2)
  const then = (await operator.supplies({ at: new Date(before).toISOString() })).items[0]!
  equal(then.supplies[0]!.lost, 0)
  const later = new Date(clock.wall + fromHours(1)).toISOString()
  equal((await operator.supplies({ at: later })).items[0]!.supplies[0]!.lost, 2)
  const told = new AbortController()
  const events: FactoryEvent[] = []
  for await (const event of operator.events({ factory: 'island', after: 'island-0.0' },
    told.signal)) {
    if (event.type === 'supply.lost') events.push(event)
    if (events.length > 0) break
  }
  deepEqual(events[0]!.event, { site: 'here', supply: 'recip', units: 2,
    untilMs: events[0]!.event['untilMs'] })
})

test('who asks for what is not there is told what is', async () => {
  const wrong = [
    [{ supply: 'reactor', forMs: 60_000 }, 'no-such-supply', /no supply reactor; it has re/],
    [{ supply: 'recip', site: 'there', forMs: 60_000 }, 'no-such-supply', /no site there among 1/],
    [{ supply: 'recip', units: 9, forMs: 60_000 }, 'out-of-range', /9 units of recip/],
  ] as const
  for (const [loss, code, says] of wrong) {
    await rejects(operator.loseSupply(loss), (error) => error instanceof ApiError
      && error.problem?.code === code && says.test(error.problem.detail))
  }
  await rejects(served.clientOf('submitter').loseSupply({ supply: 'recip', forMs: 60_000 }),
    (error) => error instanceof ApiError && error.problem?.status === 403)
})
