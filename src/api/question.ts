import { fromHours } from '../base/units.ts'
import { unreachable } from '../base/assert.ts'
import { forkState, type State } from '../core/state.ts'
import { explain } from '../core/why.ts'
import { policiesOf } from '../policies/index.ts'
import type { PolicyNames } from '../policies/policy.ts'
import { startSpread, type StartSpread } from '../run/ahead.ts'
import { change, type World } from '../run/change.ts'
import { jobsAhead } from '../run/jobs-ahead.ts'
import { powerAhead } from '../run/power-ahead.ts'
import { verdict, type Story } from '../run/report/what-if.ts'
import type { Ask, DryAnswer } from '../run/live/controller.ts'
import { tryOut } from '../run/live/dry-run.ts'
import { startsAhead } from '../run/starts-ahead.ts'
import { whatIf } from '../run/whatif.ts'

/** What takes too long for the thread of the server, and is asked of a copy of the state. */
export type Question =
  | { readonly type: 'why', readonly job: number, readonly isExpected: boolean }
  | { readonly type: 'what-if', readonly changes: readonly string[], readonly forMs: number
      readonly seeds: number, readonly seed: number, readonly failures: boolean }
  | { readonly type: 'dry', readonly ask: Ask, readonly atMs: number }
  | { readonly type: 'ahead' | 'jobs-ahead', readonly feeders: readonly number[]
      readonly forMs: number }
  | { readonly type: 'starts', readonly forMs: number }

/** How far ahead a start is looked for: what starts later is as good as unknown. */
const HORIZON_MS = fromHours(30 * 24)

/** Three give a least, a middle and a most; each costs a look ahead. */
const FUTURES = 3

/** Into so many steps the course of a what-if is divided: as many points has its chart. */
const STEPS = 96

/** Answers as plain data. An InputError says what is wrong with the question. */
export function answerTo(question: Question, state: State, policies: PolicyNames): unknown {
  const deciders = policiesOf(policies)
  switch (question.type) {
    case 'why': {
      const explanation = explain(state, question.job, deciders)
      const { startsNext, blockers, state: phase } = explanation
      const isHeld = blockers[0]?.reason === 'held' || state.tables.jobs.doomed[question.job] === 1
      const isOpen = question.isExpected && phase === 'pending' && !startsNext && !isHeld
      return { ...explanation, expected: isOpen ? expected(state, question.job, deciders) : null }
    }
    case 'dry': return dryAnswer(question, state, deciders)
    case 'starts': return startsAhead(state, { ...deciders, failures: true, futures: FUTURES,
      untilMs: state.totals.nowMs + question.forMs })
    case 'what-if': return whatIfOf(question, { state, policies })
    case 'ahead': case 'jobs-ahead': {
      const { epochMs } = state.totals
      const look = question.type === 'ahead' ? powerAhead : jobsAhead
      return { epochMs, ...look(state, { ...deciders, seed: 1, failures: true,
        hoursMs: question.forMs, feeders: question.feeders }) }
    }
    default: return unreachable(question)
  }
}

function expected(
  state: State, job: number, deciders: ReturnType<typeof policiesOf>): StartSpread {
  return startSpread(state, job, {
    ...deciders, untilMs: state.totals.nowMs + HORIZON_MS, failures: true })
}

function dryAnswer(
  { ask, atMs }: Extract<Question, { type: 'dry' }>, state: State,
  { policies, rankOf }: ReturnType<typeof policiesOf>): DryAnswer {
  return tryOut(state, atMs, 0, ask, policies, rankOf)
}

function whatIfOf(question: Extract<Question, { type: 'what-if' }>, without: World): unknown {
  let world: World = { ...without, state: forkState(without.state) }
  const doings: string[] = []
  const notes: string[] = []
  for (const text of question.changes) {
    const { doing, note, ...after } = change(world, text)
    world = after
    doings.push(doing)
    if (note !== undefined) notes.push(note)
  }
  const story: Story = { doings, notes }
  const { seed, seeds, failures, forMs } = question
  const steps = whatIf(without, world, {
    seed, seeds, failures, arrivals: [], untilMs: without.state.totals.nowMs + forMs,
    steps: STEPS })
  for (;;) {
    const step = steps.next()
    if (step.done === true) return { verdict: verdict(step.value, story), ...story, ...step.value }
  }
}
