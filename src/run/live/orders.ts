import { performance } from 'node:perf_hooks'
import { fromMinutes, fromSeconds } from '../../base/units.ts'
import { placementOf } from '../../core/allocation.ts'
import { commandFor } from '../../core/commands.ts'
import type { State } from '../../core/state.ts'
import type { Engine, Gang, Placed } from '../../engines/engine.ts'
import { gangOf } from '../../engines/local/gang-of.ts'
import type { Store } from '../../journal/store.ts'
import { PHASE, type Command, type Report } from '../../model/index.ts'

/** Orders that an engine outside of this process has not answered yet (I8). */

/** An engine answers an order within this; then the order is sent again, ever more seldom. */
const FIRST_MS = fromSeconds(10)
const LAST_MS = fromMinutes(5)

/** An order, and of a start where it runs: by the time it is sent the state may say otherwise. */
export type Order = { readonly command: Command, readonly gang: Gang | undefined }

type Open = { readonly order: Order, atMs: number, waitMs: number }

/**
 * Sends an order again until the engine's report shows that it arrived. Times are real ones. An
 * order to save is sent once: nothing tells whether it was done, and nothing hangs on it.
 */
export class OpenOrders {
  private readonly open = new Map<string, Open>()

  sent(order: Order, nowMs: number): void {
    const { command } = order
    if (command.type === 'checkpoint') return
    // Whoever is stopped needs no start and no cap any more; of caps the last one counts.
    if (command.type === 'stop') {
      this.open.delete(keyOf('start', command))
      this.open.delete(keyOf('cap', command))
    }
    const open = { order, atMs: nowMs + FIRST_MS, waitMs: FIRST_MS }
    this.open.set(keyOf(command.type, command), open)
  }

  heard(report: Report): void {
    switch (report.type) {
      case 'cap': {
        const key = keyOf('cap', report)
        const open = this.open.get(key)
        if (open !== undefined && report.order >= open.order.command.order) this.open.delete(key)
        return
      }
      case 'job.up': return void this.open.delete(keyOf('start', report))
      case 'job.done':
      case 'job.lost':
      case 'job.stopped':
        for (const type of ['start', 'cap', 'stop'] as const) this.open.delete(keyOf(type, report))
        return
      default: return
    }
  }

  /** When the first of them counts as lost; Infinity where none is open. O(open orders). */
  nextAtMs(): number {
    let least = Infinity
    for (const { atMs } of this.open.values()) least = Math.min(least, atMs)
    return least
  }

  /** Those that are sent again now. */
  due(nowMs: number): Order[] {
    const found: Order[] = []
    for (const open of this.open.values()) {
      if (open.atMs > nowMs) continue
      open.waitMs = Math.min(LAST_MS, open.waitMs * 2)
      open.atMs = nowMs + open.waitMs
      found.push(open.order)
    }
    return found
  }
}

/** Tells an engine outside what is placed, and waits for the answers to what is still starting. */
export async function reconcile(
  state: State, store: Store, engine: Engine, orders: OpenOrders): Promise<void> {
  const { jobs } = state.tables
  const placed: Placed[] = []
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (jobs.phase[job]! < PHASE.starting) continue
    const event = { type: 'job.started', job, ...placementOf(state, job) } as const
    const command = commandFor(state, event)!
    const gang = gangOf(state, job)
    placed.push({ command, spec: await store.specOf(command.number), gang })
    if (jobs.phase[job] === PHASE.starting) orders.sent({ command, gang }, performance.now())
  }
  engine.reconcile(placed)
}

function keyOf(
  type: Command['type'], { number, attempt }: { readonly number: number, readonly attempt: number },
): string {
  return `${type} ${number} ${attempt}`
}
