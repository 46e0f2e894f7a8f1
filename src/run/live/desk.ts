import type { Answered, Audit, Store } from '../../journal/store.ts'
import { isRefusal, refusal } from '../../model/index.ts'
import { auditedText, digestOf, keyOf, readAnswer } from './asks.ts'
import type { Answer, Ask, Asker } from './controller.ts'

/** Requests that wait for their turn. More than so many: whoever asks is to come back later. */
const WAITING_MOST = 10_000

/** A request that is carried out in the next turn. */
export type Waiting = {
  readonly request: Ask
  readonly by: Asker
  readonly key: string
  readonly digest: string
  readonly answer: (answer: Answer) => void
  /** What it came to, until that is durable. */
  result?: Answer
}

/** Where requests come in: each is carried out once, however often its key comes. */
export class Desk {
  private readonly store: () => Store
  private readonly wake: () => void
  private queue: Waiting[] = []
  /** Keys that are on their way. */
  private readonly open = new Map<string, { readonly digest: string, answer: Promise<Answer> }>()

  constructor(store: () => Store, wake: () => void) {
    this.store = store
    this.wake = wake
  }

  get length(): number {
    return this.queue.length
  }

  async ask(request: Ask, by: Asker): Promise<Answer> {
    const key = keyOf(by)
    const digest = by.digest ?? digestOf(request)
    if (key === '') return this.enter(request, by, key, digest)
    const same = this.open.get(key)
    if (same !== undefined) return same.digest === digest ? same.answer : reused(by)
    const answer = this.once(request, by, key, digest)
    this.open.set(key, { digest, answer })
    try {
      return await answer
    } finally {
      this.open.delete(key)
    }
  }

  /** The first ones, in the order in which they came. */
  take(most: number): Waiting[] {
    return this.queue.splice(0, most)
  }

  /** Those that had no turn after all. */
  putBack(waiting: readonly Waiting[]): void {
    this.queue.unshift(...waiting)
  }

  private async once(request: Ask, by: Asker, key: string, digest: string): Promise<Answer> {
    let before: Answered | undefined
    try {
      before = await this.store().answered(key)
    } catch (error) {
      return refusal('not-durable', `The store cannot be read: ${String(error)}. Ask again.`)
    }
    if (before === undefined) return this.enter(request, by, key, digest)
    return before.digest === digest ? readAnswer(before.answer) : reused(by)
  }

  private enter(request: Ask, by: Asker, key: string, digest: string): Promise<Answer> {
    if (this.queue.length >= WAITING_MOST) {
      return Promise.resolve(refusal('not-possible-now', `${WAITING_MOST} requests wait for the `
        + 'disk already. Ask again in a second.'))
    }
    return new Promise((answer) => {
      this.queue.push({ request, by, key, digest, answer })
      this.wake()
    })
  }
}

/**
 * What is kept of a request and its answer. One that was refused changed nothing: its key is not
 * kept, and the same may be asked again when things are otherwise.
 */
export function auditOf(
  { request, by, key, digest }: Waiting, answer: Answer, dateMs: number): Audit {
  return {
    key: isRefusal(answer) ? '' : key, digest, who: by.who, from: by.from,
    atMs: Math.round(dateMs), intent: auditedText(request), answer: JSON.stringify(answer),
  }
}

function reused(by: Asker): Answer {
  return refusal('key-reused', `The idempotency key "${by.key}" came with another request before. `
    + 'Give each request a key of its own.')
}
