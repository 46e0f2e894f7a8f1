import { get } from './api.ts'
import { feed } from './feed.svelte.ts'
import { place } from './place.svelte.ts'
import type { Factory } from './resources.ts'

/**
 * The factory at the time that the page shows: as the feed tells it, or as it was or may be then.
 * Undefined until it is known.
 */
type Shown = { factory: Factory | undefined, problem: string }

export const shown: Shown = $state({ factory: undefined, problem: '' })

/** Keeps it in step with the address and the feed. To be called once, where effects may be made. */
export function follow(): void {
  // By itself, so that what the feed tells each second asks for nothing.
  const name = $derived(feed.factory?.name)
  $effect(() => {
    if (place.at !== '') return read(name, place.at)
    shown.factory = feed.factory
    shown.problem = ''
    return undefined
  })
}

function read(name: string | undefined, at: string): (() => void) | undefined {
  if (name === undefined) return undefined
  let isOver = false
  get<Factory>(`/v1/factories/${encodeURIComponent(name)}`, { at }).then((factory) => {
    if (isOver) return
    shown.factory = factory
    shown.problem = ''
  }, (error: Error) => { if (!isOver) shown.problem = error.message })
  return () => { isOver = true }
}
