import { advance } from '../../core/apply.ts'
import { isUnsettled, type Policy } from '../../core/decide.ts'
import type { RankOf } from '../../core/ask.ts'
import { forkState, type State } from '../../core/state.ts'
import { isRefusal, PHASE, type Event } from '../../model/index.ts'
import { commit, decideOnce, type Doors } from '../turn.ts'
import { eventOf, numberOf } from './asks.ts'
import type { Ask, DryAnswer } from './controller.ts'

/**
 * What a request would come to on a fork, at a moment no earlier than the state's, with one round
 * of the policies. The state is not touched. Costs a copy of the state and the round.
 */
export function tryOut(
  state: State, atMs: number, seq: number, request: Ask, policies: readonly Policy[],
  rankOf: RankOf): DryAnswer {
  const fork = forkState(state)
  advance(fork, Math.max(atMs, fork.totals.nowMs))
  const event = eventOf(fork, request, rankOf)
  if (isRefusal(event)) return { answer: event, starts: [], stops: [] }
  const number = numberOf(fork, event)
  const starts: number[] = []
  const stops: number[] = []
  const before = (each: Event) => {
    if (each.type === 'job.started') starts.push(numberOf(fork, each))
    const isStop = each.type === 'job.preempted' || each.type === 'job.requeued'
      || (each.type === 'job.ended' && fork.tables.jobs.phase[each.job]! >= PHASE.starting)
    if (isStop) stops.push(numberOf(fork, each))
  }
  const doors: Doors = {
    state: fork, policies, rankOf, recorder: { before }, journal: NO_JOURNAL,
    round: { decisions: 0, refused: 0, lastProblem: '' },
  }
  commit(doors, NO_ENGINE, event)
  if (isUnsettled(fork)) decideOnce(doors, NO_ENGINE)
  return { answer: { isDone: true, seq, event, number }, starts, stops }
}

const NO_ENGINE = { send: () => {}, collect: () => {} }

const NO_JOURNAL: Doors['journal'] = { append: () => {}, turn: () => {} }
