import { setFlagsFromString } from 'node:v8'

/** A run that is over sooner does not earn back what optimising its functions costs. */
const SHORT_RUN_MS = 1000

/**
 * Keeps the last tier of V8's compilers (Turbofan) out of the first second. In a short run it works
 * beside the program on functions that are hardly used again: a quarter of all CPU time of the W1
 * list, and no time on the wall is won. A long run gets it a second later. The flag is read where
 * V8 decides about a function, so it may change at any time.
 */
export function delayOptimiser(): void {
  setFlagsFromString('--no-turbofan')
  setTimeout(() => setFlagsFromString('--turbofan'), SHORT_RUN_MS).unref()
}
