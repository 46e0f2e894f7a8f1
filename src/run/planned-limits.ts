import { NEVER_MS } from '../core/windows.ts'
import type { Intent, PlannedLimit } from '../model/index.ts'
import type { Intents } from './loop.ts'

/** Announces the limits over time of a factory file, each so long before it begins as it says. */
export class PlannedLimits implements Intents {
  private readonly planned: readonly PlannedLimit[]
  /** How often each was announced so far. */
  private readonly told: number[]

  constructor(planned: readonly PlannedLimit[]) {
    this.planned = planned
    this.told = planned.map(() => 0)
  }

  peekAtMs(): number {
    return this.planned.reduce((least, _, at) => Math.min(least, this.dueAtMs(at)), Infinity)
  }

  /** The one that is due first; of equals the first of the file. */
  next(): Intent {
    const atMs = this.peekAtMs()
    const at = this.planned.findIndex((_, each) => this.dueAtMs(each) === atMs)
    const { feeder, kind, watts, forMs, cause } = this.planned[at]!
    const startAtMs = this.startAtMs(at)
    this.told[at]!++
    const endAtMs = forMs === 0 ? NEVER_MS : startAtMs + forMs
    return {
      type: 'limit',
      course: {
        feeder, kind, watts, fromW: watts, startAtMs, holdAtMs: startAtMs, holdEndAtMs: endAtMs,
        endAtMs, cause,
      },
    }
  }

  /** One that comes again and again is no reason to wait for it. */
  isOpen(): boolean {
    return this.planned.some(({ everyMs }, at) => everyMs === 0 && this.told[at] === 0)
  }

  private startAtMs(at: number): number {
    const { atMs, everyMs } = this.planned[at]!
    return atMs + this.told[at]! * everyMs
  }

  private dueAtMs(at: number): number {
    const { everyMs, noticeMs } = this.planned[at]!
    if (everyMs === 0 && this.told[at]! > 0) return Infinity
    return Math.max(0, this.startAtMs(at) - noticeMs)
  }
}
