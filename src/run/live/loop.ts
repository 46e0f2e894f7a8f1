import { performance } from 'node:perf_hooks'
import { setImmediate as breathe } from 'node:timers/promises'
import { fromSeconds } from '../../base/units.ts'
import { brokenInvariants } from '../../core/invariants.ts'
import type { State } from '../../core/state.ts'
import { saveSnapshot } from '../../journal/snapshot.ts'
import type { Store } from '../../journal/store.ts'
import { refusal, type Command, type OwnedSpec, type Plant } from '../../model/index.ts'
import { policiesOf } from '../../policies/index.ts'
import type { PolicyNames } from '../../policies/policy.ts'
import { OpenBatch } from './batch.ts'
import { liveClock, type Clocks, type LiveClock } from './clock.ts'
import type { Answer, Ask, Asker, DurableBatch, Health } from './controller.ts'
import { auditOf, Desk, type Waiting } from './desk.ts'
import { FactoryTurn } from './factory-turn.ts'
import { OpenOrders, reconcile } from './orders.ts'
import type { EngineKind, Plugged } from './plugged.ts'
import { checkHeader, liveNumbers, rebuild } from './rebuild.ts'

export type LiveOptions = {
  readonly name: string
  readonly plant: Plant
  readonly policies: PolicyNames
  /** Opens the store of the factory: at the start, and again after an append that failed. */
  readonly open: () => Promise<Store>
  readonly engine: EngineKind
  /** Milliseconds of the run in one of the wall clock. */
  readonly pace: number
  readonly clocks: Clocks
  /** A new factory begins so far into its run, which is played as fast as it can be; 0: at once. */
  readonly headStartMs: number
  /** Records after which a snapshot is kept. */
  readonly snapshotEvery: number
}

/**
 * A turn plays for so long before it makes durable what it has and lets others run: longer where
 * the disk is slow, so that a factory that is behind catches up.
 */
const PIECE_MS = 25
const PIECE_MOST_MS = 100

/** A run that is faster than the wall clock is looked at so often, not at each of its instants. */
const GAP_MS = 50

/** Requests of one turn: with their answers they are one write to the disk. */
const ASKS_MOST = 1000

/** All invariants are checked no oftener than this, in no more than a hundredth of the time. */
const CHECK_MS = fromSeconds(60)
const CHECK_SHARE = 100

/** A store that failed is opened again after this, then twice as long, up to the last. */
const REOPEN_MS = fromSeconds(0.25)
const REOPEN_LAST_MS = fromSeconds(30)

const CLOSING = 'The server is closing.'

const TIMER_MOST = fromSeconds(3600)

/** What is gone after a failure and made anew from the store. */
type Memory = {
  readonly store: Store
  readonly state: State
  readonly clock: LiveClock
  readonly plugged: Plugged
  readonly turn: FactoryTurn
  readonly orders: OpenOrders
  seq: number
  sinceSnapshot: number
  keeping: Promise<void> | undefined
}

/**
 * One factory on the wall clock: turns that wake by themselves when something is due, each made
 * durable before it is answered and before engines outside hear of it.
 */
export class LiveLoop {
  memory!: Memory
  private readonly desk: Desk
  readonly health: { -readonly [Key in keyof Health]: Health[Key] }
  readonly listeners = new Set<(batch: DurableBatch) => void>()
  readonly policies
  private readonly options: LiveOptions
  private timer: NodeJS.Timeout | undefined
  private readonly second: NodeJS.Timeout
  private running: Promise<void> | undefined
  private isWoken = true
  private isSoon = false
  private isClosing = false
  /** Date of moment 0 since somebody set the wall clock, until it is journaled. */
  private steppedMs: number | undefined
  private checkedAtMs = -Infinity
  private checkTookMs = 0
  private checkedEvents = -1

  constructor(options: LiveOptions) {
    this.options = options
    this.policies = policiesOf(options.policies)
    this.desk = new Desk(() => this.memory.store, () => this.wake())
    this.health = {
      isDeciding: true, problem: '', turns: 0, lastTurnAtMs: 0, commitMs: 0, invariantsAtMs: 0,
      behindMs: 0,
    }
    this.second = setInterval(() => this.lookAtClock(), fromSeconds(1))
    this.second.unref()
  }

  /** Opens the store, rebuilds the state, and gives the engine what is placed. */
  async open(): Promise<void> {
    const { plant, engine, pace, clocks } = this.options
    const store = await this.options.open()
    try {
      checkHeader(store, plant, this.options.policies)
      const { lastSeq } = store.opened
      const { state, records } = await rebuild(store, plant, lastSeq)
      const fromMs = lastSeq === 0 ? this.options.headStartMs : state.totals.nowMs
      const clock = liveClock(fromMs, state.totals.epochMs, pace, clocks)
      const plugged = await engine.make({ state, store, clock, wake: () => this.wake() })
      const { policies, rankOf } = this.policies
      const parts = { state, plugged, policies, rankOf, isFresh: lastSeq === 0 }
      const turn = new FactoryTurn(parts, new OpenBatch(0))
      const orders = new OpenOrders()
      if (!plugged.engine.isInside) await reconcile(state, store, plugged.engine, orders)
      this.memory = {
        store, state, clock, plugged, turn, orders, seq: lastSeq, sinceSnapshot: records,
        keeping: undefined,
      }
    } catch (error) {
      await store.close()
      throw error
    }
    this.isWoken = true
    this.check()
    this.wake()
  }

  /** Resolves when what is asked is durable, or is not going to be. */
  ask(request: Ask, by: Asker): Promise<Answer> {
    const { isDeciding, problem } = this.health
    if (!isDeciding || problem !== '' || this.isClosing) {
      return Promise.resolve(this.refusalNow(this.isClosing ? CLOSING : problem))
    }
    return this.desk.ask(request, by)
  }

  /** Has a turn as soon as this process is free. */
  wake(): void {
    this.isWoken = true
    if (this.isSoon || this.running !== undefined) return
    this.isSoon = true
    setImmediate(() => this.begin())
  }

  /** Ends after what is under way. Jobs run on. */
  async close(): Promise<void> {
    this.isClosing = true
    clearTimeout(this.timer)
    clearInterval(this.second)
    await this.running
    const { store, plugged, sinceSnapshot } = this.memory
    await plugged.engine.close()
    this.refuseAll(this.desk.take(Infinity), CLOSING)
    if (this.health.isDeciding && sinceSnapshot > 0) {
      await this.memory.keeping
      this.keepSnapshot()
    }
    await this.memory.keeping
    await store.close()
  }

  private begin(): void {
    this.isSoon = false
    if (this.running !== undefined || this.isIdle) return
    this.running = this.run().finally(() => {
      this.running = undefined
      if (!this.isIdle) this.arm(this.restMs())
    })
  }

  private arm(ms: number): void {
    clearTimeout(this.timer)
    if (ms === 0) this.wake()
    else if (ms < Infinity) {
      this.timer = setTimeout(() => this.begin(), Math.min(TIMER_MOST, Math.ceil(ms)))
    }
  }

  private get isIdle(): boolean {
    return this.isClosing || !this.health.isDeciding
  }

  /** Wall milliseconds until the next turn. */
  private restMs(): number {
    if (this.isWoken || this.desk.length > 0) return 0
    const { turn, clock, orders, plugged } = this.memory
    const atMs = Math.min(turn.nextAtMs(), plugged.engine.nextAtMs())
    const untilMs = atMs === Infinity ? Infinity
      : Math.max(clock.untilMs(atMs), clock.pace > 1 ? GAP_MS : 1)
    return Math.min(untilMs, Math.max(1, orders.nextAtMs() - performance.now()))
  }

  /** Turns until nothing is due any more. Never rejects. */
  private async run(): Promise<void> {
    let isReached = true
    do {
      this.isWoken = false
      const batch = new OpenBatch(this.memory.state.totals.nowMs)
      const asked: Waiting[] = []
      try {
        isReached = this.turn(batch, asked)
      } catch (error) {
        this.stop(error, asked)
        return this.reload()
      }
      if (!await this.keep(batch, asked)) return
      await breathe()
    } while (!this.isIdle && (!isReached || this.isWoken || this.desk.length > 0))
  }

  /** One turn: plays up to now or for as long as it may, then carries out what was asked. */
  private turn(batch: OpenBatch, asked: Waiting[]): boolean {
    const { state, clock, turn, orders, seq } = this.memory
    const startMs = performance.now()
    const pieceMs = Math.min(PIECE_MOST_MS, Math.max(PIECE_MS, 2 * this.health.commitMs))
    const isEnough = () => performance.now() - startMs > pieceMs
    const nowMs = Math.max(state.totals.nowMs, Math.floor(clock.nowMs()))
    turn.begin(batch)
    const epochMs = this.steppedMs ?? clock.stepped()
    this.steppedMs = undefined
    if (epochMs !== undefined) {
      turn.intend(state.totals.nowMs, { type: 'clock', epochMs: Math.max(0, epochMs) })
    }
    for (const report of turn.listen(nowMs)) orders.heard(report)
    const isReached = turn.play(nowMs, isEnough)
    asked.push(...this.desk.take(ASKS_MOST))
    if (asked.length > 0) {
      const atMs = isReached ? nowMs : state.totals.nowMs
      const answers = turn.carryOut(atMs, asked.map((each) => each.request), seq + 1, isEnough)
      this.desk.putBack(asked.splice(answers.length))
      const dateMs = this.options.clocks.wallMs()
      asked.forEach((each, at) => {
        each.result = answers[at]!
        batch.audits.push(auditOf(each, each.result, dateMs))
      })
    }
    this.health.behindMs = isReached ? 0 : nowMs - state.totals.nowMs
    return isReached
  }

  /** Makes a turn durable, then answers and orders. False where the disk did not take it. */
  private async keep(batch: OpenBatch, asked: readonly Waiting[]): Promise<boolean> {
    const { memory, health } = this
    const beforeMs = performance.now()
    try {
      if (!batch.isEmpty) {
        await memory.store.append(batch.toAppend())
        memory.seq++
        health.turns++
        health.commitMs = performance.now() - beforeMs
        health.lastTurnAtMs = memory.clock.dateOf(memory.state.totals.nowMs)
        memory.sinceSnapshot += batch.records
        for (const each of asked) each.answer(each.result!)
        if (this.listeners.size > 0) {
          const durable = batch.asDurable(memory.seq)
          for (const listener of this.listeners) listener(durable)
        }
        await this.order(batch)
        if (memory.sinceSnapshot >= this.options.snapshotEvery) this.keepSnapshot()
      }
      await this.order(undefined)
    } catch (error) {
      await this.recover(error, asked)
      return false
    }
    this.check()
    return true
  }

  /** Batches go on meanwhile. One that is not kept is missed by nobody: the journal has it all. */
  private keepSnapshot(): void {
    const { memory } = this
    if (memory.keeping !== undefined) return
    memory.sinceSnapshot = 0
    memory.keeping = memory.store.keep(saveSnapshot(memory.state), liveNumbers(memory.state))
      .catch(() => {})
      .finally(() => { memory.keeping = undefined })
  }

  /** Sends the orders of a batch that is durable, or those that were not answered in time (I8). */
  private async order(batch: OpenBatch | undefined): Promise<void> {
    const { orders, plugged } = this.memory
    const nowMs = performance.now()
    for (const order of batch?.orders ?? orders.due(nowMs)) {
      if (batch !== undefined) orders.sent(order, nowMs)
      const { command, gang } = order
      plugged.engine.send(command, await this.specOf(command, batch), gang)
    }
  }

  private async specOf(
    { number }: Command, batch: OpenBatch | undefined): Promise<OwnedSpec | undefined> {
    return batch?.specs.find((each) => each.number === number)?.spec
      ?? await this.memory.store.specOf(number)
  }

  /**
   * The disk did not take a turn: nothing of it is so. All that this process knows is made anew
   * from the store, which is opened until it can be.
   */
  private async recover(error: unknown, asked: readonly Waiting[]): Promise<void> {
    const { health } = this
    let why = error
    this.refuseAll(asked, saying(why))
    for (let waitMs = REOPEN_MS; !this.isClosing; waitMs = Math.min(REOPEN_LAST_MS, waitMs * 2)) {
      health.problem = `The journal could not be written: ${saying(why)} Nothing is decided until `
        + 'it can be; it is tried again and again.'
      await Promise.allSettled([this.memory.plugged.engine.close(), this.memory.store.close()])
      try {
        await this.open()
        if (health.isDeciding) health.problem = ''
        return
      } catch (problem) {
        why = problem
      }
      this.refuseAll(this.desk.take(Infinity), saying(why))
      await this.pause(waitMs)
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(end, ms)
      const look = setInterval(() => { if (this.isClosing) end() }, REOPEN_MS)
      function end() {
        clearTimeout(timer)
        clearInterval(look)
        done()
      }
    })
  }

  /** A bug: nothing is decided any more, caps stay, and what was not durable is not so. */
  private stop(error: unknown, asked: readonly Waiting[]): void {
    const { health } = this
    health.isDeciding = false
    health.problem = `${error instanceof Error ? error.stack ?? error.message : String(error)}. `
      + 'This is a bug of Millrace: nothing is decided any more, jobs run on under the caps that '
      + 'they have. Keep the state folder for a report, and start the server again.'
    this.refuseAll([...asked, ...this.desk.take(Infinity)], '')
  }

  /** Whoever looks at the state sees the last that is durable. */
  private async reload(): Promise<void> {
    const { memory, options } = this
    try {
      const { state } = await rebuild(memory.store, options.plant, memory.seq)
      this.memory = { ...memory, state }
    } catch {
      // The bug is in what was journaled: then the state as it is tells the most.
    }
  }

  private refuseAll(asked: readonly Waiting[], why: string): void {
    for (const each of asked) each.answer(this.refusalNow(why))
  }

  /** What whoever asks is told while nothing can be done. */
  private refusalNow(why: string): ReturnType<typeof refusal> {
    return this.health.isDeciding
      ? refusal('not-durable', `It could not be made durable, so it is not done. ${why} `
        + 'It is safe to ask again.')
      : refusal('stopped', 'Nothing is decided any more, since something is broken: see '
        + '"millrace health". It is not done.')
  }

  /** Now and then all invariants, for a small part of the time. */
  private check(): void {
    const { state } = this.memory
    const beforeMs = performance.now()
    const waitMs = Math.max(CHECK_MS, this.checkTookMs * CHECK_SHARE)
    if (state.totals.events === this.checkedEvents || beforeMs - this.checkedAtMs < waitMs) return
    const problems = brokenInvariants(state)
    this.checkTookMs = performance.now() - beforeMs
    this.checkedAtMs = beforeMs
    this.checkedEvents = state.totals.events
    this.health.invariantsAtMs = this.options.clocks.wallMs()
    if (problems.length > 0) this.stop(new Error(`broken: ${problems.slice(0, 5).join('; ')}`), [])
  }

  private lookAtClock(): void {
    this.steppedMs ??= this.memory?.clock.stepped()
    if (this.steppedMs !== undefined) this.wake()
  }
}

function saying(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return /[.!?]$/.test(text) ? text : `${text}.`
}
