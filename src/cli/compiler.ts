import { setFlagsFromString } from 'node:v8'

/** A run that is over sooner does not earn back what its helpers cost. */
const SHORT_RUN_MS = 1000

/** V8's last compiler tier, and garbage collection by several threads at once. */
const HELPERS = ['turbofan', 'parallel-scavenge'] as const

/**
 * Keeps V8's costliest helpers out of the first second. In a short run they work beside the program
 * on functions that are hardly called again and on a heap that is nearly empty: a third of all CPU
 * time of the W1 list, and no time on the wall is won. A long run gets them a second later. The
 * flags are read whenever V8 decides about a function or collects, so they may change at any time.
 */
export function delayHelpers(): void {
  for (const helper of HELPERS) setFlagsFromString(`--no-${helper}`)
  const start = () => { for (const helper of HELPERS) setFlagsFromString(`--${helper}`) }
  setTimeout(start, SHORT_RUN_MS).unref()
}
