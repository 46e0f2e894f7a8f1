import { constants } from 'node:os'
import { InputError } from '../model/index.ts'

/** A person who presses Ctrl-C waits no longer than this, give or take a step of the run. */
const BREATH_MS = 50

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Turns the first signal into an exception, so that what was begun is removed; a second one ends
 * the process at once. A run computes without a pause, so it has to ask with `breathe`.
 */
export class Interrupt {
  private signal: (typeof SIGNALS)[number] | undefined
  private breathedAtMs = performance.now()

  constructor() {
    for (const name of SIGNALS) process.once(name, this.take)
  }

  /** Lets signals come in now and then; throws an InputError with exit code 128 + n after one. */
  async breathe(): Promise<void> {
    const nowMs = performance.now()
    if (nowMs - this.breathedAtMs < BREATH_MS) return
    await new Promise((done) => setImmediate(done))
    this.breathedAtMs = nowMs
    this.check()
  }

  check(): void {
    if (this.signal === undefined) return
    throw new InputError(`Stopped by ${this.signal}; nothing of the run was kept.`,
      128 + constants.signals[this.signal])
  }

  /** Signals end the process again as they did before. */
  release(): void {
    for (const name of SIGNALS) process.removeListener(name, this.take)
  }

  private readonly take = (name: NodeJS.Signals): void => {
    this.signal = SIGNALS.find((one) => one === name)
    this.release()
  }
}
