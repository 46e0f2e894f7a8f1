/**
 * Throws when a bug broke a promise of the code. Never caught, never turned off. Where it is asked
 * often, a message with numbers in it costs more than the check: test first, then assert(false).
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** A broken invariant or an impossible case: our bug, not the user's input. */
export class AssertionError extends Error {
  override name = 'AssertionError'
}

/** Ends a switch over a union: the compiler proves that it cannot be reached. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable case: ${JSON.stringify(value)}`)
}
