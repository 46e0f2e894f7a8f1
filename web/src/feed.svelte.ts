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

/** How long until a stream that the server ended or refused is opened again. */
const REOPEN_MS = 1000

/**
 * Listens until it is told to stop. `onFloor` gets the changes of one lens. Where the server is
 * gone it is tried again and again; `onRefused` is told where it is there and refuses.
 */
export function listen(
  factory: string, lens: string, onFloor: (news: FloorNews) => void, onRefused: () => void,
): () => void {
  let source = open()
  let timer: ReturnType<typeof setTimeout> | undefined
  function open(): EventSource {
    const made = new EventSource(pathOf('/v1/watch', { factory, lens }))
    const heard = () => {
      feed.heardAtMs = Date.now()
      feed.isOpen = true
    }
    made.addEventListener('factory', (event) => {
      heard()
      feed.factory = JSON.parse(event.data) as Factory
    })
    made.addEventListener('floor', (event) => {
      heard()
      onFloor(JSON.parse(event.data) as FloorNews)
    })
    made.addEventListener('open', heard)
    made.addEventListener('error', () => {
      feed.isOpen = false
      // Whether it was refused or the server is gone, the browser would wait long or for ever.
      made.close()
      clearTimeout(timer)
      timer = setTimeout(() => {
        onRefused()
        source = open()
      }, REOPEN_MS)
    })
    return made
  }
  return () => {
    clearTimeout(timer)
    source.close()
  }
}
