// A toy site under the power policy with an engine that carries out caps after a while, for tests
// that look at what is ordered when.
import assert from 'node:assert/strict'
import { advance, apply, nextChangeAtMs } from '../src/core/apply.ts'
import { decide, isUnsettled } from '../src/core/decide.ts'
import { bookedAt } from '../src/core/history.ts'
import { brokenInvariants } from '../src/core/invariants.ts'
import { createState, type State } from '../src/core/state.ts'
import type { LimitKind, Step } from '../src/model/index.ts'
import { policiesOf } from '../src/policies/index.ts'
import { toyPlant, type ToyPlan } from './toy-plant.ts'

export type CapScene = {
  readonly state: State
  /** Lets time pass; what is drawn is read each minute where meters are heard. */
  readonly runTo: (untilMs: number) => void
  /** All that was decided. */
  readonly steps: Step[]
}

type Options = {
  /** Caps act after so long. */
  readonly capMs?: number
  readonly pauseMs?: number
  readonly fewJobs?: number
  readonly isMetered?: boolean
}

/** Nodes of one GPU of 100 W below a site with a limit. */
export function capScene(
  sites: ToyPlan['sites'], limitW: number, options: Options = {},
): CapScene {
  const { capMs = 0, pauseMs = 1, fewJobs, isMetered = false } = options
  const plant = toyPlant({
    sites, limits: { site0: limitW }, power: { capMs: Math.max(1, capMs), pauseMs },
  })
  const state = createState(plant, true)
  const { policies } = policiesOf(
    { order: 'fifo', backfill: 'none', place: 'pack', power: 'price' }, fewJobs)
  const round = { decisions: 0, refused: 0, lastProblem: '' }
  const open: { readonly atMs: number, readonly job: number, readonly capW: number }[] = []
  const steps: Step[] = []
  const confirm = () => {
    for (let at = 0; at < open.length; at++) {
      if (open[at]!.atMs > state.totals.nowMs) continue
      const [{ job, capW }] = open.splice(at--, 1) as [(typeof open)[number]]
      if (state.tables.jobs.orderedW[job] !== capW) continue
      apply(state, { type: 'cap.confirmed', job, capW })
    }
  }
  const settle = () => {
    while (isUnsettled(state)) {
      decide(state, policies, (step) => {
        steps.push(step)
        apply(state, step)
        if (step.type !== 'job.capped') return
        open.push({ atMs: state.totals.nowMs + capMs, job: step.job, capW: step.capW })
      }, round)
      confirm()
    }
    assert.equal(round.lastProblem, '')
    assert.deepEqual(brokenInvariants(state), [])
  }
  const everyMs = plant.power.meterEveryMs
  const read = () => {
    const { nowMs } = state.totals
    if (!isMetered || nowMs % everyMs !== 0) return
    const observedAtMs = nowMs - 1000
    const { drawW } = bookedAt(state, 0, observedAtMs)
    apply(state, { type: 'feeder.metered', feeder: 0, drawW, observedAtMs })
  }
  const runTo = (untilMs: number) => {
    for (;;) {
      settle()
      const { nowMs } = state.totals
      const readingMs = isMetered ? (Math.floor(nowMs / everyMs) + 1) * everyMs : Infinity
      const next = Math.min(nextChangeAtMs(state), readingMs, ...open.map((each) => each.atMs))
      if (next > untilMs) break
      advance(state, next)
      confirm()
      read()
    }
    advance(state, untilMs)
    settle()
  }
  return { state, runTo, steps }
}

/** What a row of limits of the site says, and when. */
type Course = {
  readonly kind: LimitKind, readonly watts: number, readonly fromW?: number
  readonly startAtMs: number, readonly holdAtMs?: number, readonly holdEndAtMs?: number
  readonly endAtMs: number, readonly row?: number
}

export function setCourse(state: State, {
  kind, watts, startAtMs, endAtMs, fromW = 1000, holdAtMs = startAtMs, holdEndAtMs = endAtMs,
  row = 0,
}: Course): void {
  apply(state, {
    type: 'limit.set', limit: row, feeder: 0, kind, watts, fromW, startAtMs, holdAtMs, holdEndAtMs,
    endAtMs, cause: '',
  })
}
