import { openJournal } from '../journal/live-reader.ts'
import type { JobSubmitted } from '../model/index.ts'
import type { Arrival } from './ahead.ts'

/**
 * Jobs that a journal has submitted after a moment and up to another, as they were asked for. What
 * became of them is not read. Costs one pass over the journal.
 */
export function arrivalsOf(path: string, afterMs: number, untilMs: number): readonly Arrival[] {
  const reader = openJournal(path)
  const found = new Arrivals(afterMs)
  let atMs = 0
  try {
    for (const record of reader.records()) {
      if (record.type === 'turn') ({ atMs } = record)
      if (atMs > untilMs) break
      if (record.type === 'job.submitted') found.add(atMs, record)
    }
  } finally {
    reader.close()
  }
  return found.list
}

/** Collects those after a moment from all submissions of a run, in their order. */
export class Arrivals {
  readonly list: Arrival[] = []
  private readonly afterMs: number
  /** Number of the newest job in each row, and the last one that is no arrival. */
  private readonly numbers: number[] = []
  private known = 0

  constructor(afterMs: number) {
    this.afterMs = afterMs
  }

  add(atMs: number, event: JobSubmitted): void {
    const { type, job, number, rank, after, ...request } = event
    void [type, rank]
    this.numbers[job] = number
    if (atMs <= this.afterMs) {
      this.known = number
      return
    }
    const waits = after.map(({ job: other, on }) => {
      const past = this.numbers[other]! - this.known
      return past > 0 ? { on, number: -1, arrival: past - 1 }
        : { on, number: this.numbers[other]!, arrival: -1 }
    })
    this.list.push({ atMs, request, after: waits })
  }
}
