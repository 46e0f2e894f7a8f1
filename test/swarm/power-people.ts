/** Turns wishes for power into intents about the feeders and limits that are there at the time. */
import { isRamping } from '../../src/core/limits.ts'
import type { State } from '../../src/core/state.ts'
import type { Intent, LimitCourse } from '../../src/model/index.ts'
import type { PowerWish } from './power-world.ts'

const FOREVER_MS = Number.MAX_SAFE_INTEGER

export function powerIntent(wish: PowerWish, state: State): Intent {
  switch (wish.type) {
    case 'ratio': return { type: 'ratio', feeder: wish.feeder, ratioPer10k: wish.ratioPer10k }
    case 'clear': {
      const limit = Math.floor(wish.shares[0]! * (state.totals.limitRows + 1))
      return { type: 'clear-limit', limit }
    }
    default: return { type: 'limit', course: courseOf(wish.type, wish.shares, state) }
  }
}

/** The next limit that is to be cleared, or ratio to be mended, once all is quiet. */
export function quietIntent(state: State): Intent | undefined {
  const { limits, feeders } = state.tables
  const { nowMs, limitRows } = state.totals
  const limit = limits.endAtMs.subarray(0, limitRows).findIndex((endAtMs) => endAtMs > nowMs)
  if (limit >= 0) return { type: 'clear-limit', limit }
  const { feederRatio } = state.layout
  const feeder = feederRatio.findIndex((ratio, at) => ratio !== feeders.ratioPer10k[at])
  if (feeder >= 0) return { type: 'ratio', feeder, ratioPer10k: feederRatio[feeder]! }
  return undefined
}

function courseOf(
  type: 'limit' | 'target', shares: readonly number[], state: State): LimitCourse {
  const [where, size, how, lead, length, ramp] = shares as [
    number, number, number, number, number, number]
  const { layout, totals } = state
  const roots = layout.plant.sites.map((site) => site.feeder)
  const feeder = where < 0.4 ? roots[Math.floor(where / 0.4 * roots.length)]!
    : Math.floor((where - 0.4) / 0.6 * layout.feederParent.length)
  const fromW = usualW(feeder, how, state)
  const watts = Math.floor(fromW * (size < 0.1 ? size : 0.4 + size * 0.6))
  const { capMs, pauseMs } = layout.plant.power
  // At once, within the time of a cap, within that of a pause, in an hour or two; or in the past.
  const startAtMs = Math.max(0, totals.nowMs + Math.floor(lead === 0 ? 0
    : lead < 0.1 ? -1000 : lead < 0.4 ? lead * 2 * (capMs + pauseMs) : lead * lead * 7_200_000))
  const lastsMs = length < 0.1 ? 1 + Math.floor(length * 1000)
    : 1 + Math.floor(length * length * 7_200_000)
  if (type === 'limit') {
    const endAtMs = length > 0.9 ? FOREVER_MS : Math.max(totals.nowMs + 1, startAtMs + lastsMs)
    return {
      feeder, kind: ramp < 0.5 ? 'limit' : 'budget', watts, fromW: watts, startAtMs,
      holdAtMs: startAtMs, holdEndAtMs: endAtMs, endAtMs, cause: 'swarm',
    }
  }
  const rampMs = ramp < 0.2 || isRamping(state, startAtMs) ? 0 : Math.floor(ramp * 1_800_000)
  const holdAtMs = startAtMs + rampMs
  const holdEndAtMs = Math.max(totals.nowMs + 1, holdAtMs + lastsMs)
  return {
    feeder, kind: 'target', watts, fromW: Math.max(watts, fromW), startAtMs, holdAtMs,
    holdEndAtMs, endAtMs: holdEndAtMs + (how < 0.5 ? 0 : rampMs), cause: 'swarm',
  }
}

/** What a feeder may, does or is expected to carry. */
function usualW(feeder: number, which: number, { layout, tables: { feeders } }: State): number {
  if (which < 0.3) return layout.plant.feeders[feeder]!.limitW
  return which < 0.6 ? feeders.grantW[feeder]! : feeders.drawW[feeder]!
}
