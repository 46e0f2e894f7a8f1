/** Why a request is not done. A value, not an exception. */
export type Refusal = {
  readonly refused: true
  readonly code: RefusalCode
  /** One sentence with the numbers, then what to do. */
  readonly message: string
  /** What it would take and what there is, with units, where that is known. */
  readonly need?: string
  readonly have?: string
}

export type RefusalCode =
  | 'too-large'
  | 'no-such-job'
  | 'no-such-node'
  | 'no-such-queue'
  | 'no-such-device'
  | 'no-such-window'
  | 'no-such-limit'
  | 'no-such-feeder'
  | 'no-such-supply'
  | 'no-such-class'
  | 'not-possible-now'
  | 'out-of-range'
  /** The same idempotency key came with another request. */
  | 'key-reused'
  /** The disk did not take it; it is safe to ask again. */
  | 'not-durable'
  /** A factory that does not decide, since something is broken. */
  | 'stopped'

/** What was needed and what there was, as text with units. */
export type NeedAndHave = { readonly need: string, readonly have: string }

export function refusal(code: RefusalCode, message: string, figures?: NeedAndHave): Refusal {
  return { refused: true, code, message, ...figures }
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value
}

/**
 * Bad input from a file, a flag or a person: the place, what was found, what would do. The
 * command line prints the message and leaves with `exitCode`.
 */
export class InputError extends Error {
  override name = 'InputError'
  readonly exitCode: number

  constructor(message: string, exitCode = 2) {
    super(message)
    this.exitCode = exitCode
  }
}
