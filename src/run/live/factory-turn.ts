import { assert } from '../../base/assert.ts'
import { advance, nextChangeAtMs } from '../../core/apply.ts'
import { ask, type RankOf } from '../../core/ask.ts'
import { isUnsettled, type Policy } from '../../core/decide.ts'
import type { State } from '../../core/state.ts'
import { gangOf } from '../../engines/local/gang-of.ts'
import {
  isRefusal, refusal, type Command, type Event, type Intent, type Report,
} from '../../model/index.ts'
import { Links } from '../links.ts'
import { PlannedLimits } from '../planned-limits.ts'
import { requestOf } from '../request.ts'
import { commit, decideOnce, hear, type Doors } from '../turn.ts'
import { eventOf, numberOf } from './asks.ts'
import type { OpenBatch } from './batch.ts'
import type { Answer, Ask } from './controller.ts'
import type { Plugged } from './plugged.ts'

export type TurnParts = {
  readonly state: State
  readonly plugged: Plugged
  readonly policies: readonly Policy[]
  readonly rankOf: RankOf
  /** Whether nothing was ever journaled: then what is due at moment 0 is still to come. */
  readonly isFresh: boolean
}

/**
 * Plays what is due in one factory, instant by instant, into the open batch. All of it is in this
 * process: nothing waits here, and what engines outside are to do is kept in the batch.
 */
export class FactoryTurn {
  readonly state: State
  private readonly doors: Doors
  private readonly plugged: Plugged
  private readonly planned: PlannedLimits
  private readonly links = new Links()
  /** What the engine outside said and is not heard yet. */
  private readonly told: Report[] = []
  private readonly reports: Report[] = []
  private readonly engine: {
    readonly send: (command: Command) => void
    readonly collect: (atMs: number, into: Report[]) => void
  }
  private batch: OpenBatch

  constructor({ state, plugged, policies, rankOf, isFresh }: TurnParts, batch: OpenBatch) {
    this.state = state
    this.plugged = plugged
    this.batch = batch
    const { engine } = plugged
    this.engine = engine.isInside
      ? {
          send: (command) => engine.send(command, undefined),
          collect: (atMs, into) => engine.collect(atMs, into),
        }
      : {
          send: (command) => {
            const gang = command.type === 'start' ? gangOf(state, command.job) : undefined
            this.batch.orders.push({ command, gang })
          },
          collect: (_, into) => {
            for (const report of this.told) into.push(report)
            this.told.length = 0
          },
        }
    this.planned = new PlannedLimits(state.layout.plant.limits)
    // All that was due by then is in the journal, or was refused.
    while (!isFresh && this.planned.peekAtMs() <= state.totals.nowMs) this.planned.next()
    this.doors = {
      state, policies, rankOf,
      recorder: { before: (event) => this.plugged.supplies?.before(event) },
      journal: {
        append: (record) => this.batch.append(record),
        turn: (atMs) => this.batch.turn(atMs),
      },
      round: { decisions: 0, refused: 0, lastProblem: '' },
    }
  }

  /** Decisions that the guard refused so far: a policy's fault, and of no other harm. */
  get round(): Doors['round'] {
    return this.doors.round
  }

  begin(batch: OpenBatch): void {
    this.batch = batch
  }

  /** Asks an engine outside what it has to tell; returns what it says, which is heard next. */
  listen(atMs: number): readonly Report[] {
    if (!this.plugged.engine.isInside) this.plugged.engine.collect(atMs, this.told)
    return this.told
  }

  /** When something is due by itself; Infinity where nothing is. */
  nextAtMs(): number {
    const { state, plugged } = this
    if (isUnsettled(state)) return state.totals.nowMs
    return Math.min(this.insideAtMs(), nextChangeAtMs(state), this.planned.peekAtMs(),
      plugged.source?.peekAtMs() ?? Infinity, plugged.supplies?.peekAtMs() ?? Infinity)
  }

  /**
   * Plays all instants up to `untilMs`, and what the engine told at it. Stops between two of them
   * when `isEnough` says so; returns whether it came to the end.
   */
  play(untilMs: number, isEnough: () => boolean): boolean {
    for (let atMs = this.nextAtMs(); atMs <= untilMs; atMs = this.nextAtMs()) {
      this.instant(atMs)
      if (isEnough() && this.nextAtMs() <= untilMs) return false
    }
    if (this.told.length > 0) this.instant(untilMs)
    return true
  }

  /** Carries out what is asked at a moment, and lets the policies decide on all of it. */
  carryOut(
    atMs: number, requests: readonly Ask[], seq: number, isEnough: () => boolean): Answer[] {
    const answers: Answer[] = []
    this.begun(atMs)
    for (const request of requests) {
      answers.push(this.answer(request, seq))
      if (isEnough()) break
    }
    this.decided(atMs)
    return answers
  }

  /** An intent of the loop itself, which is never refused. */
  intend(atMs: number, intent: Intent): void {
    this.begun(atMs)
    this.carry(intent)
    this.decided(atMs)
  }

  private answer(request: Ask, seq: number): Answer {
    const isPlay = request.type === 'other' && request.intent.type === 'lose-supply'
    if (isPlay && this.plugged.supplies === undefined) {
      return refusal('not-possible-now', 'This factory is real, or has no twin: its supplies are '
        + 'not played, so none of them can be lost as a trial. Ask a factory on the twin.')
    }
    const event = eventOf(this.state, request, this.doors.rankOf)
    if (isRefusal(event)) return event
    const number = numberOf(this.state, event)
    this.commit(event)
    if (request.type === 'submit' && event.type === 'job.submitted') {
      this.batch.specs.push({ number, spec: request.spec })
      this.plugged.engine.accept?.(event.job, request.spec)
    }
    return { isDone: true, seq, event, number }
  }

  private instant(atMs: number): void {
    this.begun(Math.max(atMs, this.state.totals.nowMs))
    this.decided(this.state.totals.nowMs)
  }

  private begun(atMs: number): void {
    advance(this.state, atMs)
    this.doors.journal.turn(atMs)
    this.come(atMs)
  }

  /** The end of an instant. An engine that answers at once is heard in it, in a turn of its own. */
  private decided(atMs: number): void {
    for (;;) {
      if (isUnsettled(this.state)) decideOnce(this.doors, this.engine)
      if (this.insideAtMs() > atMs) break
      this.doors.journal.turn(atMs)
      this.come(atMs)
    }
    const { supplies } = this.plugged
    supplies?.turn()
    const [problem] = supplies?.problems() ?? []
    if (problem !== undefined) assert(false, problem)
  }

  /** What comes at an instant by itself: reports, jobs of traces, limits that were planned. */
  private come(atMs: number): void {
    const { doors, planned } = this
    const { source } = this.plugged
    hear(doors, this.engine, atMs, this.reports)
    while (source !== undefined && source.peekAtMs() <= atMs) this.arrive(source)
    while (planned.peekAtMs() <= atMs) {
      this.carry(planned.next())
    }
    const { supplies } = this.plugged
    while (supplies !== undefined && supplies.peekAtMs() <= atMs) {
      const intent = supplies.next()
      if (intent !== undefined) this.carry(intent)
    }
  }

  /** What nobody is answered on. */
  private carry(intent: Intent): void {
    const event = ask(this.state, intent, this.doors.rankOf)
    if (!isRefusal(event)) this.commit(event)
  }

  private arrive(source: NonNullable<Plugged['source']>): void {
    const { state } = this
    const { job, name } = source.next()
    const request = requestOf(state.layout.plant, job, name)
    const linked = isRefusal(request) ? request : this.links.of(state, job, name, request)
    const event = isRefusal(linked) ? linked
      : ask(state, { type: 'submit', request: linked }, this.doors.rankOf)
    // A trace of another factory may hold what is too large for this one.
    if (isRefusal(event)) return
    this.commit(event)
    if (event.type === 'job.submitted') source.accepted(event.job, job)
  }

  private commit(event: Event): void {
    commit(this.doors, this.engine, event)
  }

  private insideAtMs(): number {
    const { engine } = this.plugged
    return engine.isInside ? engine.nextAtMs() : Infinity
  }
}
