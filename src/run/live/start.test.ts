// A live factory on the twin: what is asked is durable before it is answered, the state is that of
// a replay after every batch, and a restart, a disk that fails, and a clock that is set lose
// nothing. On clocks that the tests move by hand, with a store in memory that fails as it is told.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  BY, go, HandClock, keptOf, POLICIES, smallPlant, submit, until,
} from '../../../test/live/site.ts'
import type { Kept } from '../../../test/live/small-store.ts'
import { assert as promise } from '../../base/assert.ts'
import { hashState, type State } from '../../core/state.ts'
import { isRefusal } from '../../model/index.ts'
import type { Answer, Ask, Controller } from './controller.ts'
import type { EngineKind } from './plugged.ts'
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
  return hashState(await rebuilt(kept))
}

async function rebuilt(kept: Kept): Promise<State> {
  const store = await kept.open()
  const opened = { ...store.opened, snapshot: undefined, snapshotSeq: 0 }
  return (await rebuild({ ...store, opened }, PLANT, kept.blocks.length)).state
}

function done(answer: Answer): Extract<Answer, { isDone: true }> {
  assert.ok(!isRefusal(answer), JSON.stringify(answer))
  return answer
}

/** Asks again and again, as a client does that is told that it is safe. */
async function insist(controller: Controller, request: Ask, key: string): Promise<Answer> {
  for (;;) {
    const answer = await controller.ask(request, { ...BY, key })
    if (!isRefusal(answer) || answer.code !== 'not-durable') return answer
    await sleep(5)
  }
}

/** Three jobs of which two fit, a limit that falls, a cancelled one, and the rest to its end. */
async function story(controller: Controller, clock: HandClock): Promise<void> {
  for (const gpus of [64, 48, 32]) {
    done(await insist(controller, submit(gpus, 120_000), `job of ${gpus}`))
  }
  await go(controller, clock, 30_000, 3)
  done(await insist(controller, {
    type: 'other', intent: { type: 'limit', course: {
      feeder: 0, kind: 'limit', watts: 90_000, fromW: 90_000, startAtMs: 60_000, holdAtMs: 60_000,
      holdEndAtMs: 200_000, endAtMs: 200_000, cause: 'a hot day',
    } },
  }, 'limit'))
  await go(controller, clock, 60_000, 4)
  const third = await insist(controller, { type: 'cancel', number: 3 }, 'cancel')
  if (isRefusal(third)) assert.equal(third.code, 'no-such-job')
  await go(controller, clock, 1_500_000, 40)
}

describe('a live factory', () => {
  it('runs what is submitted to its end; its state is a replay\'s at each batch', async () => {
    const clock = new HandClock()
    const kept = keptOf(PLANT)
    const controller = await start(kept, clock)
    const hashes: string[] = []
    controller.onBatch(() => hashes.push(hashState(controller.state())))
    await story(controller, clock)
    const { totals } = controller.state()
    assert.deepEqual([totals.running, totals.pending, totals.jobsSeen], [0, 0, 3])
    assert.equal(controller.health().problem, '')
    await controller.close()
    for (const [at, hash] of hashes.entries()) {
      assert.equal(await replayed(kept.cut(at + 1)), hash, `batch ${at + 1}`)
    }
    assert.equal(hashes.length, kept.blocks.length)
  })

  it('goes on wherever it was killed: nothing is lost and nothing comes twice', async () => {
    const first = new HandClock()
    const whole = keptOf(PLANT)
    const controller = await start(whole, first)
    await story(controller, first)
    await controller.close()
    for (let blocks = 1; blocks < whole.blocks.length; blocks++) {
      const clock = new HandClock()
      const kept = whole.cut(blocks)
      clock.wall += (await rebuilt(kept)).totals.nowMs
      const again = await start(kept, clock)
      await go(again, clock, 3_000_000, 3)
      const { totals } = again.state()
      const where = `killed after batch ${blocks}`
      assert.deepEqual([totals.running, totals.pending], [0, 0], where)
      assert.equal(again.health().problem, '', where)
      await again.close()
      assert.equal(await replayed(kept), hashState(again.state()), where)
    }
  })

  it('loses nothing where any one append fails', async () => {
    const most = keptOf(PLANT)
    const clock = new HandClock()
    const undisturbed = await start(most, clock)
    await story(undisturbed, clock)
    await undisturbed.close()
    for (let fails = 1; fails <= 31; fails += 3) {
      const kept = keptOf(PLANT)
      kept.fails = (append) => append === fails
      const hand = new HandClock()
      const controller = await start(kept, hand)
      await story(controller, hand)
      const { totals } = controller.state()
      const where = `append ${fails} failed`
      assert.deepEqual([totals.running, totals.pending, totals.jobsSeen], [0, 0, 3], where)
      assert.equal(controller.health().problem, '', where)
      await controller.close()
      assert.equal(await replayed(kept), hashState(controller.state()), where)
    }
  })

  it('says what fails while the disk stays full, and goes on when it does not', async () => {
    const kept = keptOf(PLANT)
    const controller = await start(kept, new HandClock())
    await until('the clock is set', () => kept.blocks.length > 0)
    let isFull = true
    kept.fails = () => isFull
    kept.refusesToOpen = () => isFull
    const answer = await controller.ask(submit(8), BY)
    assert.ok(isRefusal(answer) && answer.code === 'not-durable', JSON.stringify(answer))
    await until('health', () => /disk is full/.test(controller.health().problem))
    const next = await controller.ask(submit(8), BY)
    assert.ok(isRefusal(next) && next.code === 'not-durable', JSON.stringify(next))
    isFull = false
    await until('health', () => controller.health().problem === '')
    assert.equal(done(await controller.ask(submit(8), BY)).number, 1)
    await controller.close()
  })

  it('takes many requests in few writes', async () => {
    const kept = keptOf(PLANT)
    const controller = await start(kept, new HandClock())
    await until('the clock is set', () => kept.blocks.length > 0)
    kept.takesMs = 20
    const before = kept.appends
    const answers = await Promise.all(Array.from({ length: 500 }, () =>
      controller.ask(submit(8, 60_000), BY)))
    assert.ok(kept.appends - before <= 5, `${kept.appends - before} writes`)
    assert.deepEqual(answers.map((each) => done(each).number),
      Array.from({ length: 500 }, (_, at) => at + 1))
    assert.equal(kept.specs.size, 500)
    await controller.close()
  })

  it('does what comes with one key once, and refuses the key with another request', async () => {
    const kept = keptOf(PLANT)
    const controller = await start(kept, new HandClock())
    const by = { ...BY, key: 'k1' }
    const [one, two] = await Promise.all([
      controller.ask(submit(8), by), controller.ask(submit(8), by)])
    assert.deepEqual(one, two)
    assert.deepEqual(await controller.ask(submit(8), by), one)
    assert.equal(controller.state().totals.jobsSeen, 1)
    const other = await controller.ask(submit(16), by)
    assert.ok(isRefusal(other) && other.code === 'key-reused', JSON.stringify(other))
    // Another's key is another key; one that was refused may be used again.
    assert.equal(done(await controller.ask(submit(16), { ...by, who: 'bob' })).number, 2)
    const large = await controller.ask(submit(100_000), { ...BY, key: 'k2' })
    assert.ok(isRefusal(large) && large.code === 'too-large', JSON.stringify(large))
    assert.equal(done(await controller.ask(submit(8), { ...BY, key: 'k2' })).number, 3)
    await controller.close()
    const again = await start(kept, new HandClock())
    assert.deepEqual(await again.ask(submit(8), by), one)
    await again.close()
    const rows = kept.audits.map(({ who, key, answer }) => [who, key, answer.includes('refused')])
    assert.deepEqual(rows, [['ada', 'ada/k1', false], ['bob', 'bob/k1', false],
      ['ada', '', true], ['ada', 'ada/k2', false]])
  })

  it('answers what it would do on a fork, and nothing changes', async () => {
    const clock = new HandClock()
    const kept = keptOf(PLANT)
    const controller = await start(kept, clock)
    done(await controller.ask(submit(32, 600_000), BY))
    await go(controller, clock, 10_000, 2)
    const before = hashState(controller.state())
    const blocks = kept.blocks.length
    const cancel = await controller.dryRun({ type: 'cancel', number: 1 }, BY)
    assert.deepEqual([done(cancel.answer).number, cancel.starts, cancel.stops], [1, [], [1]])
    const more = await controller.dryRun(submit(8), BY)
    assert.deepEqual([done(more.answer).number, more.starts, more.stops], [2, [2], []])
    const large = await controller.dryRun(submit(100_000), BY)
    assert.ok(isRefusal(large.answer))
    assert.deepEqual([hashState(controller.state()), kept.blocks.length], [before, blocks])
    await controller.close()
  })

  it('keeps the run where the wall clock is set, and journals its date', async () => {
    const clock = new HandClock()
    const kept = keptOf(PLANT)
    const controller = await start(kept, clock)
    await until('the clock is set', () => controller.state().totals.epochMs === clock.wall)
    for (const hour of [3_600_000, -7_200_000]) {
      clock.pass(1000)
      const atMs = controller.clock.nowMs()
      clock.wall += hour
      await until('it is journaled', () =>
        controller.state().totals.epochMs === clock.wall - clock.monotonic)
      assert.equal(controller.clock.nowMs(), atMs)
      assert.equal(controller.clock.dateOf(atMs), clock.wall)
    }
    await controller.close()
    assert.equal(await replayed(kept), hashState(controller.state()))
  })

  it('catches up after a stall, piece by piece, while it answers', async () => {
    const clock = new HandClock()
    const kept = keptOf(PLANT)
    const controller = await start(kept, clock, 1440)
    for (let job = 0; job < 20; job++) done(await controller.ask(submit(32, 7_200_000), BY))
    // A minute in which nobody ran it is a day of the run.
    clock.pass(60_000)
    done(await controller.ask(submit(8, 60_000), BY))
    await until('it has caught up', () => controller.state().totals.nowMs >= 86_000_000)
    await go(controller, clock, 1000, 2)
    assert.deepEqual([controller.state().totals.pending, controller.state().totals.running], [0, 0])
    assert.equal(controller.health().behindMs, 0)
    await controller.close()
    assert.equal(await replayed(kept), hashState(controller.state()))
  })

  it('stops to decide where something is broken, and says so', async () => {
    const kept = keptOf(PLANT)
    let hasBug = false
    const twin = twinKind([], 1, false)
    const engine: EngineKind = {
      name: 'twin',
      make: async (site) => {
        const plugged = await twin.make(site)
        return { engine: { ...plugged.engine, collect: (atMs, into) => {
          promise(!hasBug, 'I4 a broken promise')
          plugged.engine.collect(atMs, into)
        } } }
      },
    }
    const options = {
      name: 'small', plant: PLANT, policies: POLICIES, open: () => kept.open(), pace: 1, engine,
    }
    const controller = await startController(options)
    done(await controller.ask(submit(8, 60_000), BY))
    const blocks = kept.blocks.length
    hasBug = true
    const answer = await controller.ask({ type: 'cancel', number: 1 }, BY)
    assert.ok(isRefusal(answer) && answer.code === 'stopped', JSON.stringify(answer))
    assert.equal(controller.health().isDeciding, false)
    assert.match(controller.health().problem, /I4 a broken promise[^]*bug of Millrace/)
    const later = await controller.ask(submit(8), BY)
    assert.ok(isRefusal(later) && later.code === 'stopped')
    assert.equal(kept.blocks.length, blocks)
    await until('what is durable', () => controller.state().totals.running === 1)
    await controller.close()
    hasBug = false
    const again = await startController(options)
    assert.equal(done(await again.ask({ type: 'cancel', number: 1 }, BY)).number, 1)
    await again.close()
  })

  it('checks the journal is of its plant, and of a factory whose power is controlled', async () => {
    const kept = keptOf(PLANT)
    const other = smallPlant('queues: [{ name: only }]')
    await assert.rejects(startController({
      name: 'small', plant: other, policies: POLICIES, open: () => kept.open(), pace: 1,
      engine: twinKind([], 1, false),
    }), /of another plant/)
    await assert.rejects(startController({
      name: 'small', plant: PLANT, policies: { ...POLICIES, power: 'none' }, pace: 1,
      open: () => kept.open(), engine: twinKind([], 1, false),
    }), /begun with power policy price/)
  })
})
