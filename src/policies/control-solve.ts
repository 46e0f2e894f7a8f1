import type { Allotment } from '../core/allocate-allotment.ts'
import type { PowerJobs, PowerTree } from '../core/allocate-input.ts'
import { doubtAhead } from '../core/doubt-ahead.ts'
import type { DoubtAhead } from '../core/doubt.ts'
import { capFor, powerTree, type PowerCandidate } from '../core/power-view.ts'
import type { State } from '../core/state.ts'
import { SAFE_MS } from './control-times.ts'
import type { PowerPolicy } from './policy.ts'

/** Solves for what holds from now until so much later; or for that without targets (`free`). */
export type Solve = (aheadMs: number, doubt?: DoubtAhead | 'free') => Solution

/** An allotment, and the tree that it was made for. */
export type Solution = Allotment & { readonly tree: PowerTree }

/** Solves with prices from those that are published; what is as before is not solved again. */
export function solverOf(view: State, policy: PowerPolicy, rows: PowerJobs): Solve {
  const { nowMs } = view.totals
  const { price: grantPrice, drawPrice } = view.tables.feeders
  const solved: Solution[] = []
  return (aheadMs, doubt) => {
    const tree = doubt === 'free' ? freeTree(view, nowMs + aheadMs)
      : powerTree(view, nowMs, nowMs + aheadMs, doubt)
    const known = solved.find((each) => isSame(each.tree.limitW, tree.limitW)
      && isSame(each.tree.targetW, tree.targetW))
    if (known !== undefined) return known
    const solution = { ...policy.allocate(tree, rows, { grantPrice, drawPrice }), tree }
    solved.push(solution)
    return solution
  }
}

/**
 * What nodes hold by themselves nobody corrects: what moves so far is in doubt as far, and the aim
 * counts that. Never the allotment of now itself, though it may say the same.
 */
export function solveSafe(
  view: State, solve: Solve, placed: readonly PowerCandidate[]): Solution {
  const first = solve(SAFE_MS)
  if (view.totals.targets === 0) return { ...first }
  const caps = placed.map((candidate, at) => (
    { job: candidate.job, capW: capFor(candidate, first.grantW[at]!) }))
  return { ...solve(SAFE_MS, doubtAhead(view, caps)) }
}

/** The tree without targets. */
export function freeTree(view: State, untilMs: number): PowerTree {
  const tree = powerTree(view, view.totals.nowMs, untilMs)
  tree.targetW.fill(Infinity)
  return tree
}

function isSame(some: Float64Array, others: Float64Array): boolean {
  for (let at = 0; at < some.length; at++) if (some[at] !== others[at]) return false
  return true
}
