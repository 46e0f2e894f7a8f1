import { pathOf } from './api.ts'
import type { Factory } from './resources.ts'

/**
 * What the server tells once a second: the factory as it is, and what changed on its floor. When it
 * falls silent the page says since when; it comes back by itself and catches up.
 */
type Feed = {
  factory: Factory | undefined
  /** When the server was last heard, by the clock of this page; 0 for never. */
  heardAtMs: number
  isOpen: boolean
}

export const feed: Feed = $state({ factory: undefined, heardAtMs: 0, isOpen: false })

/** Runs of GPUs and their new values, [first, count, value, …], and the state they lead to. */
export type FloorNews = {
  readonly lens: string
  readonly from: string
  readonly to: string
  /** Null where too much changed: the whole is to be read. */
  readonly runs: readonly number[] | null
}

/** Listens until it is told to stop. `onFloor` gets the changes of one lens. */
export function listen(
  factory: string, lens: string, onFloor: (news: FloorNews) => void): () => void {
  const source = new EventSource(pathOf('/v1/watch', { factory, lens }))
  const heard = () => {
    feed.heardAtMs = Date.now()
    feed.isOpen = true
  }
  source.addEventListener('factory', (event) => {
    heard()
    feed.factory = JSON.parse(event.data) as Factory
  })
  source.addEventListener('floor', (event) => {
    heard()
    onFloor(JSON.parse(event.data) as FloorNews)
  })
  source.addEventListener('open', heard)
  source.addEventListener('error', () => { feed.isOpen = false })
  return () => source.close()
}
