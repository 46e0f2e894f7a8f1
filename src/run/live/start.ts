import { performance } from 'node:perf_hooks'
import type { Controller } from './controller.ts'
import { tryOut } from './dry-run.ts'
import { LiveLoop, type LiveOptions } from './loop.ts'

/** The clocks of this machine. */
const CLOCKS = { wallMs: () => Date.now(), monotonicMs: () => performance.now() }

/** Records after which a snapshot is kept: a restart replays no more than twice as many. */
const SNAPSHOT_EVERY = 250_000

export type StartOptions =
  Omit<LiveOptions, 'clocks' | 'snapshotEvery' | 'headStartMs'> & Partial<LiveOptions>

/**
 * Starts a factory on the wall clock: opens its store, rebuilds its state, and takes turns from
 * then on. Rejects where the journal is of another plant, or cannot be read.
 */
export async function startController(options: StartOptions): Promise<Controller> {
  const { name, engine, policies } = options
  const loop = new LiveLoop({
    clocks: CLOCKS, snapshotEvery: SNAPSHOT_EVERY, headStartMs: 0, ...options })
  await loop.open()
  const { policies: decided, rankOf } = loop.policies
  return {
    name,
    engine: engine.name,
    policies,
    get clock() { return loop.memory.clock },
    get store() { return loop.memory.store },
    state: () => loop.memory.state,
    health: () => ({ ...loop.health }),
    ask: (request, by) => loop.ask(request, by),
    dryRun: async (request) => {
      const { state, clock, seq } = loop.memory
      return tryOut(state, Math.floor(clock.nowMs()), seq, request, decided, rankOf)
    },
    progressOf: (number) => loop.memory.plugged.engine.progressOf?.(number),
    onBatch: (listener) => {
      loop.listeners.add(listener)
      return () => void loop.listeners.delete(listener)
    },
    close: () => loop.close(),
  }
}
