/** Turns a world's wishes into intents about the jobs and nodes that are there at the time. */
import type { State } from '../../src/core/state.ts'
import { PHASE, type Intent } from '../../src/model/index.ts'
import type { Intents } from '../../src/run/loop.ts'
import type { Wish, World } from './world.ts'

/** When all is quiet, people give everything free again: nodes, windows, jobs that are held. */
export function intentsOf(world: World, state: State): Intents {
  const { wishes, quietAtMs } = world
  let at = 0
  let isQuiet = false
  return {
    peekAtMs: () => {
      if (at < wishes.length) return wishes[at]!.atMs
      if (!isQuiet) return quietAtMs
      return firstHeld(state) < 0 && openWindow(state) < 0 ? Infinity : state.totals.nowMs
    },
    next: () => {
      if (at < wishes.length) return intentOf(wishes[at++]!, state)
      const window = openWindow(state)
      if (isQuiet && window >= 0) return { type: 'clear', window }
      if (isQuiet) return { type: 'release', job: firstHeld(state) }
      isQuiet = true
      world.calm()
      return { type: 'resume', first: 0, end: world.plant.nodes, reason: '' }
    },
  }
}

function firstHeld(state: State): number {
  const { jobs } = state.tables
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (jobs.phase[job] !== PHASE.pending) continue
    if (jobs.held[job] === 1 || jobs.doomed[job] === 1) return job
  }
  return -1
}

function openWindow({ tables, totals }: State): number {
  return tables.windows.endAtMs.findIndex((endAtMs) => endAtMs > totals.nowMs)
}

function intentOf({ type, where, size }: Wish, state: State): Intent {
  if (type === 'clear') return { type, window: size - 1 }
  if (type === 'reserve') {
    const first = Math.floor(where * state.layout.plant.nodes)
    const startAtMs = state.totals.nowMs + Math.floor(where * 1e7)
    const queue = size % (state.layout.plant.queues.length + 1) - 1
    return {
      type, first, end: first + size, startAtMs, endAtMs: startAtMs + size * 1_000_000, queue,
      reason: 'swarm',
    }
  }
  if (type === 'drain' || type === 'resume') {
    // One node beyond the plant, so that some are refused.
    const first = Math.floor(where * (state.layout.plant.nodes + 1))
    return { type, first, end: first + size, reason: 'swarm' }
  }
  return { type, job: Math.floor(where * (state.totals.jobRows + 1)) }
}
