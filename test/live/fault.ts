/** Where a server of the fault suite ends itself, and how slow its disk is. */
import { readFileSync } from 'node:fs'
import { setTimeout as passed } from 'node:timers/promises'
import type { Engine } from '../../src/engines/engine.ts'
import type { Store } from '../../src/journal/store.ts'
import type { EngineKind } from '../../src/run/live/plugged.ts'

/**
 * Steps of the loop, in its order: a report was collected; it was heard and its turn is about to
 * be written; the turn is being written; it is durable and nobody knows; who asked was answered;
 * before and after an order is sent. Then those of a start, and those of a snapshot.
 */
export const STEPS = [
  'report', 'heard', 'append', 'write', 'commit', 'answer', 'send', 'sent',
  'open', 'reconcile', 'reconciled', 'keep', 'keeping', 'kept',
] as const

export type Step = typeof STEPS[number]

/** At the step's so manieth time, counted from 1. A write is let go on for a moment first. */
export type Fault = { readonly step: Step | 'none', readonly count: number, readonly ms: number }

export class Doom {
  private left: number
  private hasHeard = false

  private readonly fault: Fault
  /** A file with how many ms an append takes longer, read each time. */
  private readonly slowPath: string

  constructor(fault: Fault, slowPath: string) {
    this.fault = fault
    this.slowPath = slowPath
    this.left = fault.count
  }

  /** Ends this process here, as kill -9 from outside does, if this is the step and its time. */
  reached(step: Step): void {
    if (step !== this.fault.step || --this.left > 0) return
    const endMs = performance.now() + this.fault.ms
    while (performance.now() < endMs);
    process.kill(process.pid, 'SIGKILL')
  }

  store(inner: Store): Store {
    this.reached('open')
    return {
      ...inner,
      append: async (batch) => {
        if (this.hasHeard) this.reached('heard')
        this.hasHeard = false
        this.reached('append')
        const done = inner.append(batch)
        this.reached('write')
        await done
        const slowMs = numberIn(this.slowPath)
        if (slowMs > 0) await passed(slowMs)
        this.reached('commit')
      },
      keep: async (snapshot, live) => {
        this.reached('keep')
        const done = inner.keep(snapshot, live)
        this.reached('keeping')
        await done
        this.reached('kept')
      },
    }
  }

  engine(kind: EngineKind): EngineKind {
    return {
      name: kind.name,
      make: async (site) => {
        const plugged = await kind.make(site)
        return { ...plugged, engine: this.wrapped(plugged.engine) }
      },
    }
  }

  private wrapped(inner: Engine): Engine {
    return {
      name: inner.name, isInside: inner.isInside,
      nextAtMs: () => inner.nextAtMs(),
      collect: (atMs, into) => {
        const before = into.length
        inner.collect(atMs, into)
        if (into.length === before) return
        this.reached('report')
        this.hasHeard = true
      },
      send: (command, spec, gang) => {
        this.reached('send')
        inner.send(command, spec, gang)
        this.reached('sent')
      },
      reconcile: (placed) => {
        this.reached('reconcile')
        inner.reconcile(placed)
        this.reached('reconciled')
      },
      progressOf: (number) => inner.progressOf?.(number),
      close: () => inner.close(),
    }
  }
}

/** What a file says, 0 where there is none. */
export function numberIn(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'))
  } catch {
    return 0
  }
}
