/** Turns a world's wishes into intents about the jobs and nodes that are there at the time. */
import type { State } from '../../src/core/state.ts'
import { PHASE, type Intent } from '../../src/model/index.ts'
import type { Intents } from '../../src/run/loop.ts'
import { powerIntent, quietIntent } from './power-people.ts'
import type { Wish, World } from './world.ts'

/**
 * When all is quiet, people give everything free again: nodes, windows, jobs that are held, limits
 * over time.
 */
export function intentsOf(world: World, state: State): Intents {
  const { wishes, quietAtMs } = world
  const powerWishes = world.power?.wishes ?? []
  let at = 0
  let powerAt = 0
  let isQuiet = false
  const lastIntent = (): Intent | undefined => {
    const window = openWindow(state)
    if (window >= 0) return { type: 'clear', window }
    const job = firstHeld(state)
    return job >= 0 ? { type: 'release', job } : quietIntent(state)
  }
  const wishAtMs = () => wishes[at]?.atMs ?? Infinity
  const powerAtMs = () => powerWishes[powerAt]?.atMs ?? Infinity
  return {
    peekAtMs: () => {
      const nextMs = Math.min(wishAtMs(), powerAtMs())
      if (nextMs < Infinity) return nextMs
      if (!isQuiet) return quietAtMs
      return lastIntent() === undefined ? Infinity : state.totals.nowMs
    },
    next: () => {
      if (powerAtMs() < wishAtMs()) return powerIntent(powerWishes[powerAt++]!, state)
      if (at < wishes.length) return intentOf(wishes[at++]!, state)
      if (isQuiet) return lastIntent()
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
