// A live factory whose engine is outside of its process: orders leave only once they are durable,
// come again while nobody answers them, and are given anew after a restart. The engine is a small
// real one that runs jobs in its own memory and loses what it is told to lose.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BY, HandClock, keptOf, smallPlant, submit, until } from '../../../test/live/site.ts'
import type { Kept } from '../../../test/live/small-store.ts'
import type { Engine, Placed } from '../../engines/engine.ts'
import { isRefusal, type Command, type Report } from '../../model/index.ts'
import type { Controller } from './controller.ts'
import { OpenOrders } from './orders.ts'
import type { EngineKind } from './plugged.ts'
import { startController } from './start.ts'

const PLANT = smallPlant()
const POLICIES = { order: 'fifo', backfill: 'none', place: 'pack' }

type Sent = { readonly command: Command, readonly blocks: number, readonly spec: string }

/** Jobs by number and attempt; it outlives the controllers that it serves. */
class Outside {
  readonly running = new Set<string>()
  readonly sent: Sent[] = []
  placed: readonly Placed[] = []
  loses: (command: Command) => boolean = () => false
  private reports: Report[] = []
  private wake = () => {}
  private readonly kept: Kept

  constructor(kept: Kept) {
    this.kept = kept
  }

  readonly kind: EngineKind = {
    name: 'outside',
    make: async ({ wake }) => {
      this.wake = wake
      return { engine: this.engine() }
    },
  }

  /** A run comes to its end. */
  end(number: number, attempt: number): void {
    this.running.delete(`${number} ${attempt}`)
    this.report('job.done', { job: number - 1, number, attempt })
  }

  private engine(): Engine {
    return {
      name: 'outside',
      isInside: false,
      nextAtMs: () => Infinity,
      collect: (_, into) => { into.push(...this.reports.splice(0)) },
      send: (command, spec, gang) => {
        this.sent.push({
          command, blocks: this.kept.blocks.length, spec: spec?.command.join(' ') ?? '' })
        if (this.loses(command)) return
        const key = `${command.number} ${command.attempt}`
        if (command.type === 'start') {
          assert.ok((gang?.nodes.length ?? 0) > 0, 'a start says where')
          this.running.add(key)
          this.report('job.up', command)
        } else if (command.type === 'stop') {
          this.running.delete(key)
          this.report('job.stopped', command)
        }
      },
      reconcile: (placed) => {
        this.placed = placed
        for (const { command } of placed) {
          this.running.add(`${command.number} ${command.attempt}`)
          this.report('job.up', command)
        }
      },
      close: async () => {},
    }
  }

  private report(
    type: 'job.up' | 'job.stopped' | 'job.done',
    { job, number, attempt }: { job: number, number: number, attempt: number }): void {
    this.reports.push({ type, job, number, attempt, outcome: 'completed', cause: '', keptMs: 0 })
    this.wake()
  }
}

async function start(kept: Kept, outside: Outside): Promise<Controller> {
  return startController({
    name: 'small', plant: PLANT, policies: POLICIES, open: () => kept.open(), pace: 1,
    clocks: new HandClock(), engine: outside.kind,
  })
}

describe('a live factory with an engine outside of it', () => {
  it('orders what is durable, with the spec of the job, and hears what comes of it', async () => {
    const kept = keptOf(PLANT, POLICIES)
    const outside = new Outside(kept)
    const controller = await start(kept, outside)
    const answer = await controller.ask(submit(16), BY)
    assert.ok(!isRefusal(answer))
    await until('it is up', () => controller.state().tables.jobs.phase[0] === 3)
    const [first] = outside.sent
    assert.deepEqual([first!.command.type, first!.spec], ['start', 'true'])
    assert.ok(first!.blocks >= answer.seq, 'durable first')
    outside.end(1, 1)
    await until('it is over', () => controller.state().totals.running === 0)
    await controller.close()
  })

  it('sends no order of a turn that the disk did not take', async () => {
    const kept = keptOf(PLANT, POLICIES)
    const outside = new Outside(kept)
    const controller = await start(kept, outside)
    await until('the clock is set', () => kept.blocks.length > 0)
    kept.fails = (append) => append === 2
    const answer = await controller.ask(submit(16), BY)
    assert.ok(isRefusal(answer) && answer.code === 'not-durable')
    assert.deepEqual([outside.sent, [...outside.running]], [[], []])
    await until('it goes on', () => controller.health().problem === '')
    assert.ok(!isRefusal(await controller.ask(submit(16), BY)))
    await until('it is up', () => outside.running.size === 1)
    await controller.close()
  })

  it('gives what is placed to the engine after a restart, and takes up what it says', async () => {
    const kept = keptOf(PLANT, POLICIES)
    const outside = new Outside(kept)
    const first = await start(kept, outside)
    outside.loses = ({ number }) => number === 2
    for (const gpus of [16, 8]) assert.ok(!isRefusal(await first.ask(submit(gpus), BY)))
    await until('both are ordered', () => outside.sent.length === 2)
    await until('the one is up', () => first.state().tables.jobs.phase[0] === 3)
    await first.close()
    // Gone while nobody looked.
    outside.running.clear()
    const again = await start(kept, outside)
    assert.deepEqual(outside.placed.map(({ command, spec }) =>
      [command.type, command.number, command.attempt, spec?.owner]),
    [['start', 1, 1, 'ada'], ['start', 2, 1, 'ada']])
    await until('both are up', () => again.state().totals.unanswered === 0)
    assert.equal(again.state().totals.running, 2)
    await again.close()
  })

  it('is told to stop and to save, and may be told in the turn in which it starts', async () => {
    const kept = keptOf(PLANT, POLICIES)
    const outside = new Outside(kept)
    const controller = await start(kept, outside)
    await controller.ask(submit(16), BY)
    await until('it is up', () => controller.state().tables.jobs.phase[0] === 3)
    for (const type of ['checkpoint', 'cancel'] as const) {
      assert.ok(!isRefusal(await controller.ask({ type, number: 1 }, BY)), type)
    }
    await until('it stops', () => outside.running.size === 0)
    assert.deepEqual(outside.sent.map(({ command }) => command.type),
      ['start', 'checkpoint', 'stop'])
    await controller.close()
  })
})

describe('orders that nobody answers', () => {
  it('are sent again, ever more seldom, until a report shows that they arrived', () => {
    const orders = new OpenOrders()
    const command: Command = {
      type: 'start', job: 0, number: 7, attempt: 1, capW: 700, safeW: 700, order: 0,
    }
    orders.sent({ command, gang: undefined }, 0)
    const sentAtMs: number[] = []
    for (let nowMs = 0; nowMs < 1_000_000; nowMs += 1000) {
      if (orders.due(nowMs).length > 0) sentAtMs.push(nowMs)
    }
    assert.deepEqual(sentAtMs, [10_000, 30_000, 70_000, 150_000, 310_000, 610_000, 910_000])
    const report = { job: 0, number: 7, attempt: 1, outcome: 'completed', cause: '', keptMs: 0 }
    orders.heard({ ...report, type: 'job.up', attempt: 2, outcome: 'completed' })
    assert.ok(orders.nextAtMs() < Infinity, 'another attempt is another order')
    orders.heard({ ...report, type: 'job.up', outcome: 'completed' })
    assert.equal(orders.nextAtMs(), Infinity)
    // A cap is answered by its own count or a later one, and a stop makes both void.
    orders.sent({ command: { ...command, type: 'cap', order: 3 }, gang: undefined }, 0)
    const cap = { type: 'cap', job: 0, number: 7, attempt: 1, isOwn: false, capW: 500 } as const
    orders.heard({ ...cap, order: 2 })
    assert.ok(orders.nextAtMs() < Infinity)
    orders.sent({ command: { ...command, type: 'stop' }, gang: undefined }, 0)
    assert.deepEqual(orders.due(20_000).map(({ command: { type } }) => type), ['stop'])
    orders.heard({ ...report, type: 'job.stopped', outcome: 'cancelled' })
    assert.equal(orders.nextAtMs(), Infinity)
  })
})
