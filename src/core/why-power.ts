import { formatCount, formatDuration, formatPower, perMegawatt } from '../base/units.ts'
import { LIMIT_KINDS } from '../model/index.ts'
import { placementOf } from './allocation.ts'
import type { Link } from './blocker-chain.ts'
import type { Missing } from './blocker.ts'
import type { PowerNeed } from './headroom.ts'
import { forEachRack, isPlain } from './ledger.ts'
import { leastOfCourseW } from './limits.ts'
import type { State } from './state.ts'

/** What a feeder has left for a job over time, and how that is said. */

/** A part of the time in which a job would run, at the feeder that lacks watts. */
export type PowerStep = {
  readonly fromMs: number
  /** The first moment that is no part of it. */
  readonly untilMs: number
  /** What the job must have there: at first what it is charged, later what it can be held to. */
  readonly needW: number
  /** What the limits leave beside what is granted now, or later can be held to. May be negative. */
  readonly haveW: number
  /** Row of the limits that is lowest then; -1: the plant's own limit. */
  readonly limit: number
}

export type PowerTold = {
  readonly feeder: string
  readonly steps: readonly Omit<PowerStep, 'limit'>[]
  /** What one more megawatt at the feeder is worth now: devices at work. 0 where none lacks any. */
  readonly gpusPerMW: number
}

/** A feeder where one more megawatt would be worth something. */
export type Scarce = { readonly feeder: string, readonly gpusPerMW: number }

/** Feeders above a placed job where watts are scarce, from the racks up. O(racks × depth). */
export function scarceAbove(state: State, job: number): Scarce[] {
  const { feederOfRack, feederParent, plant } = state.layout
  const { price, drawPrice } = state.tables.feeders
  const found: number[] = []
  forEachRack(state, placementOf(state, job), (rack) => {
    for (let at = feederOfRack[rack]!; at >= 0; at = feederParent[at]!) {
      if (price[at]! + drawPrice[at]! > 0 && !found.includes(at)) found.push(at)
    }
  })
  return found.map((at) => ({
    feeder: plant.feeders[at]!.name, gpusPerMW: perMegawatt(price[at]! + drawPrice[at]!),
  }))
}

type PowerMissing = Extract<Missing, { missing: 'power' }>

const TARGET = LIMIT_KINDS.indexOf('target')

/** The watts that a link is about, as data; undefined where it is about something else. */
export function powerTold({ state, search, found }: Link): PowerTold | undefined {
  if (found?.missing !== 'power' || search?.power === undefined) return undefined
  const steps = powerSteps(state, search.power, found)
  const { price, drawPrice } = state.tables.feeders
  return {
    feeder: state.layout.plant.feeders[found.feeder]!.name,
    steps: steps.map(({ limit, ...step }) => {
      void limit
      return step
    }),
    gpusPerMW: perMegawatt(price[found.feeder]! + drawPrice[found.feeder]!),
  }
}

/**
 * What a feeder has left from now to the expected end of a job, in the order of time, as the guard
 * reckons: jobs that run now are taken to stay. O(rows of limits²).
 */
export function powerSteps(state: State, need: PowerNeed, found: PowerMissing): PowerStep[] {
  const { feeder, needW, haveW, ledger } = found
  const { nowMs, isPowered } = state.totals
  const endMs = need.untilMs + 1
  if (isPlain(state) || ledger === 'drawW') {
    return [{ fromMs: nowMs, untilMs: endMs, needW, haveW, limit: -1 }]
  }
  const isLater = ledger === 'floorW'
  const share = need.floorW / Math.max(1, need.chargeW)
  const soonMs = nowMs + (isPowered === 1 ? state.layout.plant.power.capMs + 1 : Infinity)
  const { grantW, floorW } = state.tables.feeders
  const steps: PowerStep[] = []
  const moments = momentsOf(state, feeder, endMs, soonMs)
  for (let at = 0; at + 1 < moments.length; at++) {
    const fromMs = moments[at]!
    const untilMs = moments[at + 1]!
    const { watts, limit } = leastAt(state, feeder, fromMs, untilMs - 1)
    const isGrant = fromMs < soonMs
    const stepW = isGrant === !isLater ? needW
      : Math.round(isGrant ? needW / Math.max(share, Number.EPSILON) : needW * share)
    const step = {
      fromMs, untilMs, needW: stepW, limit,
      haveW: watts - (isGrant ? grantW : floorW)[feeder]!,
    }
    const last = steps.at(-1)
    const isSame = last?.haveW === step.haveW && last.needW === stepW && last.limit === limit
    if (isSame) steps[steps.length - 1] = { ...last, untilMs }
    else steps.push(step)
  }
  return steps
}

/** Where limits of a feeder begin and end in a time, both ends of it included, in order. */
function momentsOf(state: State, feeder: number, endMs: number, soonMs: number): number[] {
  const { limits } = state.tables
  const { nowMs, limitRows } = state.totals
  const moments = [nowMs, endMs, soonMs]
  for (let row = 0; row < limitRows; row++) {
    if (limits.feeder[row] !== feeder || limits.kind[row] === TARGET) continue
    moments.push(limits.startAtMs[row]!, limits.endAtMs[row]!)
  }
  return [...new Set(moments)].filter((atMs) => atMs >= nowMs && atMs <= endMs)
    .sort((a, b) => a - b)
}

/** Least watts that may be granted at a feeder in a time, and the row that says so. O(rows). */
function leastAt(state: State, feeder: number, fromMs: number, untilMs: number) {
  const { limits } = state.tables
  const least = { watts: state.layout.feederLimitW[feeder]!, limit: -1 }
  for (let row = 0; row < state.totals.limitRows; row++) {
    if (limits.feeder[row] !== feeder || limits.kind[row] === TARGET) continue
    const watts = leastOfCourseW(state, row, fromMs, untilMs)
    if (watts >= least.watts) continue
    least.watts = watts
    least.limit = row
  }
  return least
}

/** One cause: what is needed at a feeder, what there is, and until when. */
export function powerSentence(link: Link): string {
  const { state, search, found, blocker } = link
  const { at, need, have } = blocker
  const isPowered = state.totals.isPowered === 1
  const plain = `Feeder ${at} has ${wattsOf(Math.max(0, have))} left and it needs `
    + `${wattsOf(need)}${isPowered ? ' at its lowest cap' : ''}.`
  if (found?.missing !== 'power' || search?.power === undefined) return plain
  if (found.ledger === 'drawW') {
    return `Under its target feeder ${at} may draw ${wattsOf(Math.max(0, have))} more, and it `
      + `is expected to draw ${wattsOf(need)} at its lowest cap.`
  }
  const steps = powerSteps(state, search.power, found)
  const first = steps[0]!
  if (steps.length === 1) return plain
  if (!isShort(first)) return laterSentence(state, steps, at)
  const same = steps.filter(({ needW }) => needW === first.needW)
  const held = steps.slice(same.length)
  if (held.length === 0) return `It needs ${needOf(steps)} at feeder ${at}; ${course(steps)}.`
  const now = `At its lowest cap it needs ${needOf(same)} at feeder ${at}, and `
    + `${freeText(same)} now.`
  if (!held.some(isShort)) return now
  return `${now} Later it can be held to ${needOf(held)}, and ${course(held)}.`
}

/** It would start, were it not for what is known of later. */
function laterSentence(state: State, steps: readonly PowerStep[], at: string): string {
  const { nowMs } = state.totals
  const short = steps.findIndex(isShort)
  const begin = steps[short]!
  const until = steps.slice(short).findIndex((step) => !isShort(step))
  const end = until < 0 ? undefined : steps[short + until]!
  const lasts = end !== undefined ? ` and lasts ${formatDuration(end.fromMs - begin.fromMs)}`
    : endOf(state, begin)
  const worst = steps.filter(isShort).reduce((least, step) =>
    step.haveW - step.needW < least.haveW - least.needW ? step : least)
  const what = begin.limit < 0 ? 'limit' : KIND_WORDS[state.tables.limits.kind[begin.limit]!]!
  const needs = begin.needW === steps[0]!.needW ? 'it needs'
    : 'even held to the least it needs'
  return `It fits at feeder ${at} now, but not under the ${what} that begins in `
    + `${formatDuration(begin.fromMs - nowMs)}${lasts}: ${needs} ${needOf([worst])} there, and `
    + `${freeText([worst])} then.`
}

/** What people call a row of the limits, by its kind. */
const KIND_WORDS = ['cut', 'budget', 'target'] as const

function endOf(state: State, { limit, fromMs }: PowerStep): string {
  const endAtMs = limit < 0 ? Infinity : state.tables.limits.endAtMs[limit]!
  return endAtMs >= Number.MAX_SAFE_INTEGER ? ' and has no end'
    : ` and lasts ${formatDuration(endAtMs - fromMs)}`
}

/** Whether a job lacks watts in a step. */
export function isShort({ needW, haveW }: PowerStep): boolean {
  return needW > haveW
}

/** Steps that a sentence names. */
const STEPS_MOST = 4

/** "61 MW are free for 2 h, then 20 MW for 3 h, then 61 MW". */
function course(steps: readonly PowerStep[]): string {
  const told = steps.slice(0, STEPS_MOST)
  const parts = told.map((step, at) => {
    const isLast = at === steps.length - 1
    const free = at === 0 ? freeText([step]) : wattsText(step)
    return isLast ? free : `${free} for ${formatDuration(step.untilMs - step.fromMs)}`
  })
  return parts.join(', then ') + (steps.length > told.length ? ', and so on' : '')
}

function freeText(steps: readonly PowerStep[]): string {
  const text = wattsText(leastOf(steps))
  return text === 'nothing' ? 'nothing is free' : `${text} are free`
}

function needOf(steps: readonly PowerStep[]): string {
  const step = leastOf(steps)
  return isRough(step) ? formatPower(step.needW) : wattsOf(step.needW)
}

function wattsText(step: PowerStep): string {
  if (step.haveW <= 0) return 'nothing'
  return isRough(step) ? formatPower(step.haveW) : wattsOf(step.haveW)
}

/** Whether rounded figures still show what is short. */
function isRough({ needW, haveW }: PowerStep): boolean {
  return formatPower(needW) !== formatPower(haveW)
}

function leastOf(steps: readonly PowerStep[]): PowerStep {
  return steps.reduce((least, step) => step.haveW < least.haveW ? step : least)
}

/** Watts to the last one where rounding would hide what is short. */
export function wattsOf(watts: number): string {
  const text = formatPower(watts)
  return /\./.test(text) || text.endsWith(' W') || watts % 1000 !== 0
    ? `${formatCount(watts)} W` : text
}
