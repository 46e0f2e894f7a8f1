import { formatDuration, formatPower, parseQuantity } from '../base/units.ts'
import { takeLimits } from '../core/limits.ts'
import { replant } from '../core/replant.ts'
import type { State } from '../core/state.ts'
import { InputError } from '../model/index.ts'
import { carryOut, indexOf, type Changed, type World } from './change-world.ts'

/** Changes of what may be granted and drawn at a feeder. */

/** Another limit of a feeder; with a sign, so much more or less. */
export function limit(world: World, name: string, text: string): Changed {
  const { layout } = world.state
  const { feeders } = layout.plant
  const feeder = indexOf('feeder', name, feeders.map((each) => each.name))
  const isMore = /^[+-]/.test(text)
  const parsed = parseQuantity(text.replace(/^\+/, ''), 'power')
  if ('problem' in parsed) throw new InputError(`${parsed.problem}.`)
  const limitW = Math.floor(parsed.value) + (isMore ? feeders[feeder]!.limitW : 0)
  if (limitW < layout.idleGrantW[feeder]!) {
    throw new InputError(`the base load of ${name} alone is ${
      formatPower(layout.idleGrantW[feeder]!)}; write at least that.`)
  }
  const grantW = world.state.tables.feeders.grantW[feeder]!
  const state = replant(world.state, {
    ...layout.plant, feeders: feeders.with(feeder, { ...feeders[feeder]!, limitW }),
  })
  if (isMore) shiftLimits(state, feeder, Math.floor(parsed.value))
  return {
    ...world,
    state,
    doing: !isMore ? `A limit of ${formatPower(limitW)} at ${name}`
      : `${formatPower(Math.abs(parsed.value))} ${parsed.value < 0 ? 'less' : 'more'} at ${name}`,
    ...(grantW > limitW && {
      note: `${name} grants ${formatPower(grantW)} now, more than its new limit: nothing is `
        + 'stopped, and nothing starts below it until it grants less.',
    }),
  }
}

/** What limits a feeder for a time moves with its own limit; its targets do too. */
function shiftLimits(state: State, feeder: number, byW: number): void {
  const { limits } = state.tables
  for (let row = 0; row < state.totals.limitRows; row++) {
    if (limits.feeder[row] !== feeder) continue
    limits.watts[row] = Math.max(0, limits.watts[row]! + byW)
    limits.fromW[row] = Math.max(limits.watts[row]!, limits.fromW[row]! + byW)
  }
  takeLimits(state)
}

/** The grid asks at once to draw no more than so much, for a time. */
export function curtail(world: World, name: string, text: string, time: string): Changed {
  const { state } = world
  const feeder = indexOf('feeder', name, state.layout.plant.feeders.map((each) => each.name))
  const power = parseQuantity(text, 'power')
  if ('problem' in power) throw new InputError(`${power.problem}.`)
  const span = parseQuantity(time, 'duration')
  if ('problem' in span) throw new InputError(`${span.problem}.`)
  const { nowMs } = state.totals
  const watts = Math.floor(power.value)
  const endAtMs = nowMs + Math.round(span.value)
  carryOut(world, { type: 'limit', course: {
    feeder, kind: 'target', watts, fromW: watts, startAtMs: nowMs, holdAtMs: nowMs,
    holdEndAtMs: endAtMs, endAtMs, cause: 'what-if',
  } })
  return {
    ...world,
    doing: `A curtailment of ${name} to ${formatPower(watts)} for ${formatDuration(span.value)}`,
    ...state.totals.isPowered === 0 && {
      note: 'No power policy acts here, so nothing is capped or paused for it.',
    },
  }
}
