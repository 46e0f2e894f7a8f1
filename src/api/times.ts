import { Worker } from 'node:worker_threads'
import { fromHours, fromMinutes, fromSeconds } from '../base/units.ts'
import type { State } from '../core/state.ts'
import type { PolicyNames } from '../policies/policy.ts'
import type { Controller } from '../run/live/controller.ts'
import { JobIndex, QueueCounts, type Factory } from './factory.ts'
import { momentOf, nowText } from './moment.ts'
import { ProblemError } from './problem.ts'
import { shareState, takenState, type SharedState } from './share.ts'

/** What the thread is asked for: the state of a moment that was, or one that may come. */
export type Wanted = { readonly id: number, readonly atMs: number } & (
  | { readonly type: 'past', readonly path: string }
  | { readonly type: 'plan', readonly state: SharedState, readonly policies: PolicyNames })

export type Made = { readonly id: number } & (
  | { readonly state: SharedState, readonly seq: number, readonly isCut: boolean }
  | { readonly wrong: string } | { readonly bug: string })

/** Factories at other times that are kept: a page looks at one, and at the one it came from. */
const KEPT_MOST = 4

/** What may come is looked at anew after this: meanwhile something else has come. */
const PLAN_KEPT_MS = fromSeconds(30)

/** As far as it is looked ahead: beyond it, what will be submitted matters more than what is. */
const AHEAD_MOST_MS = fromHours(7 * 24)

/** Who asks more than this at a time is to wait outside. */
const OPEN_MOST = 8

/** Longest wait: a journal of a year is replayed from its beginning in less. */
const LIMIT_MS = fromSeconds(90)

/** A thread that nobody asks gives back its states. */
const IDLE_MS = fromMinutes(5)

/** Beside this file; the bundle has JavaScript in the place of the sources. */
const SOURCE = './time-worker.ts'
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? SOURCE : SOURCE.replace(/ts$/, 'js'), import.meta.url)

type Open = {
  readonly resolve: (made: Made) => void
  readonly reject: (error: Error) => void
}

/**
 * A factory at other times, as reads of it show it: behind now by its journal, ahead of now by one
 * look ahead. States are made in a thread; reads of them cost what reads of now cost.
 */
export class Times {
  private readonly factory: Factory
  private readonly kept = new Map<number, Promise<Factory>>()
  private readonly open = new Map<number, Open>()
  private worker: Worker | undefined
  private asked = 0
  private timer: NodeJS.Timeout | undefined

  constructor(factory: Factory) {
    this.factory = factory
  }

  /** The factory at a moment, RFC 3339. Rejects with a problem where it cannot be known. */
  at(text: string): Promise<Factory> {
    const { clock } = this.factory.controller
    const atMs = momentOf(clock, text)
    const known = this.kept.get(atMs)
    if (known !== undefined) {
      // The latest one used is the last to go.
      this.kept.delete(atMs)
      this.kept.set(atMs, known)
      return known
    }
    const isPlan = atMs > clock.nowMs()
    const made = this.make(atMs, isPlan)
    this.kept.set(atMs, made)
    const forget = () => { if (this.kept.get(atMs) === made) this.kept.delete(atMs) }
    made.catch(forget)
    if (isPlan) setTimeout(forget, PLAN_KEPT_MS).unref()
    for (const first of this.kept.keys()) {
      if (this.kept.size > KEPT_MOST) this.kept.delete(first)
    }
    return made
  }

  async close(): Promise<void> {
    await this.drop(new ProblemError('busy', 'The server stops.'))
  }

  private async make(atMs: number, isPlan: boolean): Promise<Factory> {
    const { factory } = this
    const { layout } = factory.controller.state()
    const made = isPlan ? await this.plan(atMs) : await this.past(atMs)
    if ('wrong' in made) throw new ProblemError('out-of-range', made.wrong)
    if ('bug' in made) throw new Error(made.bug)
    if (made.isCut) {
      throw new ProblemError('took-too-long', 'So much happens until then that a look ahead does '
        + 'not get there in time.', { remedy: 'Ask for a moment nearer to now.' })
    }
    return factoryWith(factory, takenState(made.state, layout), atMs, made.seq)
  }

  private past(atMs: number): Promise<Made> {
    const { controller } = this.factory
    const { path } = controller.store.opened
    if (path === undefined) {
      return Promise.reject(new ProblemError('not-possible-now', 'The journal of this factory is '
        + 'in memory alone: there is no way back in it.', {
        remedy: 'Start the server with a state folder.' }))
    }
    return this.ask((id) => ({ id, type: 'past', atMs, path }))
  }

  private plan(atMs: number): Promise<Made> {
    const { controller } = this.factory
    const { clock, policies } = controller
    if (atMs - clock.nowMs() > AHEAD_MOST_MS) {
      return Promise.reject(new ProblemError('out-of-range', 'A look ahead goes seven days at '
        + `most, and it is ${nowText(clock)} now.`))
    }
    const state = controller.state()
    return this.ask((id) => ({
      id, type: 'plan', atMs, policies, state: shareState(state, 0, true, undefined) }))
  }

  private ask(wantedOf: (id: number) => Wanted): Promise<Made> {
    if (this.open.size >= OPEN_MOST) {
      return Promise.reject(new ProblemError('busy', `${OPEN_MOST} moments are being looked for.`,
        { need: `${OPEN_MOST} at a time at most` }))
    }
    const id = ++this.asked
    const worker = this.worker ??= this.begin()
    const wanted = wantedOf(id)
    return new Promise((resolve, reject) => {
      this.open.set(id, { resolve, reject })
      this.watch()
      worker.postMessage(wanted, [])
    })
  }

  private begin(): Worker {
    const { plant } = this.factory.controller.state().layout
    const worker = new Worker(WORKER, { workerData: plant })
    worker.on('message', (made: Made) => {
      const open = this.open.get(made.id)
      this.open.delete(made.id)
      this.watch()
      open?.resolve(made)
    })
    worker.on('error', (error) => {
      if (worker === this.worker) void this.drop(error as Error)
    })
    return worker
  }

  /** Starts anew to count how long an answer takes, or how long nothing was asked. */
  private watch(): void {
    clearTimeout(this.timer)
    const isIdle = this.open.size === 0
    this.timer = setTimeout(() => void this.drop(new ProblemError('took-too-long',
      `It took more than ${LIMIT_MS} ms to make the state of that moment.`)),
    isIdle ? IDLE_MS : LIMIT_MS).unref()
  }

  private async drop(error: Error): Promise<void> {
    clearTimeout(this.timer)
    const { worker } = this
    this.worker = undefined
    for (const { reject } of this.open.values()) reject(error)
    this.open.clear()
    await worker?.terminate()
  }
}

/** The factory with another state in the place of its own, and its clock at that moment. */
function factoryWith(factory: Factory, state: State, atMs: number, seq: number): Factory {
  const { controller: live, book } = factory
  const controller: Controller = {
    ...live,
    clock: { ...live.clock, nowMs: () => atMs },
    state: () => state,
    progressOf: () => undefined,
  }
  const isOver = (number: number) => {
    const endAtMs = book.told(number)?.endAtMs ?? -1
    return endAtMs >= 0 && endAtMs <= atMs
  }
  return {
    ...factory, controller, atMs, index: new JobIndex(), counts: new QueueCounts(),
    book: {
      seq: seq < 0 ? book.seq : seq,
      ready: book.ready,
      told: (number) => isOver(number) ? book.told(number) : undefined,
      endedNumbers: () => book.endedNumbers().filter(isOver),
      causeOf: (limit) => book.causeOf(limit),
      specOf: (number) => book.specOf(number),
      numberAt: (row, at, index) => book.numberAt(row, at, index),
      submittedAt: (number) => book.submittedAt(number),
      follow: () => {},
      listen: () => () => {},
      close: () => {},
    },
  }
}
