// A controller without an engine: it asks, applies and decides with the core, keeps each turn in a
// store in memory, and answers once that has it. Jobs start and run on until a test says more.
import { advance, apply } from '../src/core/apply.ts'
import { ask as askCore } from '../src/core/ask.ts'
import { decide, isUnsettled } from '../src/core/decide.ts'
import { observe } from '../src/core/observe.ts'
import { createState, forkState, type State } from '../src/core/state.ts'
import { ByteWriter } from '../src/journal/bytes.ts'
import { encodeRecord, encodeTurn } from '../src/journal/codec.ts'
import type { JournalHeader } from '../src/journal/header.ts'
import {
  isRefusal, PHASE, refusal, type Event, type Intent, type OwnedSpec, type Plant, type Refusal,
  type Report,
} from '../src/model/index.ts'
import { policiesOf } from '../src/policies/index.ts'
import type { PolicyNames } from '../src/policies/policy.ts'
import { courseOf } from '../src/run/curtailments.ts'
import { liveClock } from '../src/run/live/clock.ts'
import type {
  Answer, Ask, Asker, Controller, DurableBatch,
} from '../src/run/live/controller.ts'
import { smallStore } from './small-store.ts'

const POLICIES: PolicyNames = { order: 'priority', backfill: 'easy', place: 'pack' }

export class SmallController implements Controller {
  readonly name: string
  readonly engine = 'none'
  readonly policies: PolicyNames
  readonly clock = liveClock(0, Date.now(), 1, {
    wallMs: Date.now, monotonicMs: () => performance.now() })
  readonly store: ReturnType<typeof smallStore>
  private readonly now: State
  private readonly listeners = new Set<(batch: DurableBatch) => void>()
  /** Answers that are kept back, so that a test can lose them. */
  isSilent = false

  constructor(name: string, plant: Plant, policies = POLICIES) {
    this.name = name
    this.policies = policies
    this.store = smallStore({ policies } as JournalHeader)
    this.now = createState(plant, (policies.power ?? 'none') !== 'none')
    this.now.totals.epochMs = this.clock.dateOf(0)
  }

  state = () => this.now

  health = () => ({
    isDeciding: true, problem: '', turns: this.store.blocks.length, lastTurnAtMs: Date.now(),
    commitMs: 0, invariantsAtMs: 0, behindMs: 0,
  })

  ask = async (request: Ask, by: Asker): Promise<Answer> => {
    const known = by.key === '' ? undefined : await this.store.answered(by.key)
    if (known !== undefined) {
      return known.digest === by.digest ? JSON.parse(known.answer) as Answer
        : refusal('key-reused', 'The key came with another request. Use a new one.')
    }
    const intent = intentOf(this.now, request)
    const event = isRefusal(intent) ? intent : this.asked(this.now, intent)
    const answer: Answer = isRefusal(event) ? event : {
      isDone: true, seq: this.store.blocks.length + 1, event, number: numberOf(this.now, event) }
    const spec = 'spec' in request ? request.spec : undefined
    await this.turn(isRefusal(event) ? [] : [event], spec, {
      key: by.key, digest: by.digest ?? '', who: by.who, from: by.from, atMs: Date.now(),
      intent: JSON.stringify({ type: request.type }), answer: JSON.stringify(answer),
    })
    return answer
  }

  dryRun = async (request: Ask) => {
    const fork = forkState(this.now)
    const intent = intentOf(fork, request)
    const event = isRefusal(intent) ? intent : this.asked(fork, intent)
    if (isRefusal(event)) return { answer: event, starts: [], stops: [] }
    const answer: Answer = {
      isDone: true, seq: this.store.blocks.length + 1, event, number: numberOf(fork, event) }
    apply(fork, event)
    const starts: number[] = []
    decide(fork, policiesOf(this.policies).policies, (step) => {
      if (step.type === 'job.started') starts.push(fork.tables.jobs.number[step.job]!)
      apply(fork, step)
    }, { decisions: 0, refused: 0, lastProblem: '' })
    return { answer, starts, stops: [] }
  }

  progressOf = () => undefined

  onBatch = (listener: (batch: DurableBatch) => void) => {
    this.listeners.add(listener)
    return () => { this.listeners.delete(listener) }
  }

  close = async () => {}

  /** What an engine would have said. */
  async report(report: Report): Promise<void> {
    await this.turn(observe(this.now, report))
  }

  private asked(state: State, intent: Intent): Event | Refusal {
    return askCore(state, intent, policiesOf(this.policies).rankOf)
  }

  /** One turn: the events, what the policies decide, and a block of the journal. */
  private async turn(
    given: readonly Event[], spec?: OwnedSpec,
    audit?: Parameters<ReturnType<typeof smallStore>['append']>[0]['audits'][number],
  ): Promise<void> {
    const fromMs = this.now.totals.nowMs
    const atMs = Math.max(fromMs, Math.floor(this.clock.nowMs()))
    const events: Event[] = []
    const take = (event: Event) => {
      events.push(event)
      apply(this.now, event)
    }
    advance(this.now, atMs)
    for (const event of given) take(event)
    if (isUnsettled(this.now)) {
      decide(this.now, policiesOf(this.policies).policies, take,
        { decisions: 0, refused: 0, lastProblem: '' })
    }
    const writer = new ByteWriter()
    const clock = { atMs: fromMs }
    encodeTurn(atMs, writer, clock)
    for (const event of events) encodeRecord(event, writer, clock)
    const [first] = events
    await this.store.append({
      fromMs, bytes: writer.bytes.subarray(0, writer.length), audits: audit ? [audit] : [],
      specs: spec !== undefined && first?.type === 'job.submitted'
        ? [{ number: first.number, spec }] : [],
    })
    const batch = { seq: this.store.blocks.length, fromMs, atMs,
      events: events.map((event) => ({ atMs, event })) }
    for (const listener of this.listeners) listener(batch)
  }
}

function rowOf(state: State, number: number): number {
  const { jobs } = state.tables
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (jobs.number[job] === number && jobs.phase[job] !== PHASE.free) return job
  }
  return -1
}

function intentOf(state: State, request: Ask): Intent | Refusal {
  switch (request.type) {
    case 'submit': {
      const after = (request.after ?? []).map(({ number, on }) =>
        ({ job: rowOf(state, number), on }))
      const { request: asked } = request
      if (after.some(({ job }) => job < 0)) {
        return refusal('no-such-job', 'No such job to wait for.')
      }
      return { type: 'submit', request: { ...asked, after } }
    }
    case 'other': return request.intent
    case 'curtail':
      return { type: 'limit', course: courseOf(state, request.curtailment) }
    case 'requeue': {
      const job = rowOf(state, request.number)
      return job < 0 ? refusal('no-such-job', `There is no job ${request.number}.`)
        : { type: 'requeue', job, reason: request.reason }
    }
    default: {
      const job = rowOf(state, request.number)
      return job < 0 ? refusal('no-such-job', `There is no job ${request.number}.`)
        : { type: request.type, job }
    }
  }
}

function numberOf(state: State, event: Event): number {
  if (event.type === 'job.submitted') return event.number
  return 'job' in event ? state.tables.jobs.number[event.job]! : -1
}
