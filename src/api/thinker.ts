import { Worker } from 'node:worker_threads'
import { fromMinutes, fromSeconds } from '../base/units.ts'
import type { Plant } from '../model/index.ts'
import type { PolicyNames } from '../policies/policy.ts'
import type { Controller } from '../run/live/controller.ts'
import { ProblemError } from './problem.ts'
import type { Question } from './question.ts'
import { shareState, type SharedState } from './share.ts'

export type Asked = {
  readonly id: number, readonly question: Question, readonly state: SharedState
  readonly policies: PolicyNames
}

export type Answered = { readonly id: number } & (
  | { readonly text: string } | { readonly wrong: string } | { readonly bug: string })

/** Who asks more than this at a time is to wait outside: each holds a copy of a state. */
const OPEN_MOST = 8

/** What takes longer is given up: whoever asked has gone. */
const LIMIT_MS = fromSeconds(90)

/** A thread that has nothing to do gives its memory back. */
const IDLE_MS = fromMinutes(1)

type Open = {
  readonly resolve: (text: string) => void
  readonly reject: (error: Error) => void
}

/**
 * Answers long questions in a thread of its own, one after another, each on a copy of the state as
 * it was when it was asked. The loop goes on meanwhile; a question costs it the copy.
 */
export class Thinker {
  private worker: Worker | undefined
  private readonly open = new Map<number, Open>()
  private known = new Set<Plant>()
  private readonly plantIds = new WeakMap<Plant, number>()
  private plants = 0
  private asked = 0
  private idle: NodeJS.Timeout | undefined
  private limit: NodeJS.Timeout | undefined

  /** The answer as JSON. Rejects with a problem: the question is wrong, or there are too many. */
  ask(controller: Controller, question: Question): Promise<string> {
    if (this.open.size >= OPEN_MOST) {
      return Promise.reject(new ProblemError('busy', `${OPEN_MOST} questions are being answered.`,
        { need: `${OPEN_MOST} at a time at most` }))
    }
    const id = ++this.asked
    const worker = this.worker ??= this.begin()
    const asked: Asked = {
      id, question, policies: controller.policies, state: this.share(controller) }
    return new Promise((resolve, reject) => {
      this.open.set(id, { resolve, reject })
      this.watch()
      worker.postMessage(asked, [])
    })
  }

  async close(): Promise<void> {
    await this.drop(new ProblemError('busy', 'The server stops.'))
  }

  private share(controller: Controller): SharedState {
    const state = controller.state()
    const { plant } = state.layout
    if (!this.plantIds.has(plant)) this.plantIds.set(plant, ++this.plants)
    const isKnown = this.known.has(plant)
    this.known.add(plant)
    return shareState(state, this.plantIds.get(plant)!, isKnown, undefined)
  }

  private begin(): Worker {
    this.known = new Set()
    // The bundle has JavaScript in the place of the sources.
    const source = './question-worker.ts'
    const file = import.meta.url.endsWith('.ts') ? source : source.replace(/ts$/, 'js')
    const worker = new Worker(new URL(file, import.meta.url))
    worker.on('message', (answered: Answered) => this.take(answered))
    worker.on('error', (error) => {
      if (worker === this.worker) void this.drop(error as Error)
    })
    return worker
  }

  private take(answered: Answered): void {
    const open = this.open.get(answered.id)
    this.open.delete(answered.id)
    this.watch()
    if ('text' in answered) open?.resolve(answered.text)
    else if ('wrong' in answered) open?.reject(new ProblemError('out-of-range', answered.wrong))
    else open?.reject(new Error(answered.bug))
  }

  /** Starts anew to count how long a question takes, or how long there is none. */
  private watch(): void {
    clearTimeout(this.idle)
    clearTimeout(this.limit)
    if (this.open.size === 0) {
      this.idle = setTimeout(() => void this.drop(new Error('idle')), IDLE_MS).unref()
      return
    }
    this.limit = setTimeout(() => void this.drop(new ProblemError('took-too-long',
      `The question took more than ${LIMIT_MS} ms, or those before it did.`)), LIMIT_MS).unref()
  }

  private async drop(error: Error): Promise<void> {
    clearTimeout(this.idle)
    clearTimeout(this.limit)
    const { worker } = this
    this.worker = undefined
    for (const { reject } of this.open.values()) reject(error)
    this.open.clear()
    await worker?.terminate()
  }
}
