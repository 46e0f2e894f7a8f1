// What every order, backfill and place policy has to do, in any company of the others. A policy
// joins by being registered in src/policies/index.ts.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { randomStream } from '../../src/base/random.ts'
import { advance, apply } from '../../src/core/apply.ts'
import { ask } from '../../src/core/ask.ts'
import { decide, isUnsettled, type Policy } from '../../src/core/decide.ts'
import { guard } from '../../src/core/guard.ts'
import { brokenInvariants } from '../../src/core/invariants.ts'
import { createState, forkState, hashState, type State } from '../../src/core/state.ts'
import { isRefusal, PHASE, PLAIN, type Decision, type Step } from '../../src/model/index.ts'
import { policiesOf } from '../../src/policies/index.ts'
import type { PolicyNames } from '../../src/policies/policy.ts'
import { toyPlant } from '../toy-plant.ts'

/** Three sites, two pools, limits that bind and a queue with a quota. */
const PLANT = toyPlant({
  sites: [[[[3, [1, 2]]], [[2, 2]]], [[[4]]], [[[[1, 3], [0, 2]]]]],
  systems: [{ gpus: 4 }, { gpus: 2, cpus: 4 }],
  limits: { site0: 2400, rack2: 400, hall2: 1300 },
  ratios: { hall0: 11_000, rack0: 10_300 },
  queues: [{}, { quotaGpus: 12, pools: [0], priority: 1 }, { pools: [1] },
    { quotaGpus: 4 }, { parent: 3, quotaGpus: 8, weight: 2 }, { parent: 3, quotaGpus: 6 }],
})

const ROUNDS = 150

export function policySuite(names: PolicyNames): void {
  describe(Object.values(names).join(', '), () => {
    test('every decision is accepted, and none uses a node that is down or drained', () => {
      run(names, 1, (state, step) => {
        if (step.type !== 'job.started') return
        for (let at = 0; at < step.spans.length; at += 3) {
          for (let node: number = step.spans[at]!; node < step.spans[at + 1]!; node++) {
            assert.equal(state.tables.nodes.flags[node], 0, `node ${node} serves`)
          }
        }
      })
    })

    nobodyIsStoppedForNothing(names)

    test('nothing is decided twice: on an unchanged state there is nothing left to do', () => {
      run(names, 2, () => {}, (state) => {
        assert.equal(isUnsettled(state), false)
        // A reservation for want of watts may move: it counts whole nodes, and parts were started.
        const steps = stepsOf(names, forkState(state))
        assert.deepEqual(steps.filter((step) => step.type !== 'job.reserved'), [])
      })
    })

    test('the same state, the same decisions', () => {
      let before: State | undefined
      const steps: Step[] = []
      run(names, 3, (_, step) => { steps.push(step) }, (state) => {
        if (before !== undefined) assert.deepEqual(stepsOf(names, before), steps)
        steps.length = 0
        before = undefined
        void state
      }, (state) => { before = forkState(state) })
    })

    test('the same seed, the same states', () => {
      assert.equal(hashState(run(names, 4)), hashState(run(names, 4)))
    })

    test('in the end every job has run', () => {
      const state = run(names, 5)
      apply(state, { type: 'nodes.up', first: 0, end: PLANT.nodes, cause: '' })
      apply(state, { type: 'nodes.resumed', first: 0, end: PLANT.nodes, cause: '' })
      for (let left = state.totals.pending + state.totals.running; left > 0; left--) {
        stepsOf(names, state)
        const job = someJob(state, PHASE.starting, 0)
        assert.ok(job >= 0, `${state.totals.pending} jobs wait in an empty factory`)
        apply(state, { type: 'job.ended', job, outcome: 'completed' })
      }
      assert.equal(state.totals.pending + state.totals.running, 0)
    })
  })
}

function nobodyIsStoppedForNothing(names: PolicyNames): void {
  test('nobody is stopped for nothing: without any one of them the decision is refused', () => {
    run(names, 6, () => {}, () => {}, () => {}, (state, { steps }) => {
      if (steps.length < 2) return
      assert.equal(guard(state, { steps }), undefined)
      for (const { job } of steps.filter((step) => step.type === 'job.preempted') as
        readonly { readonly job: number }[]) {
        const others = steps.filter((step) => !('job' in step) || step.job !== job)
        if (others.length > 0) assert.ok(guard(state, { steps: others }), `job ${job} could stay`)
      }
    })
  })
}

/** One round of decisions on a state, and what they were. */
function stepsOf(names: PolicyNames, state: State): Step[] {
  const steps: Step[] = []
  decide(state, policiesOf(names).policies, (step) => {
    steps.push(step)
    apply(state, step)
  }, { decisions: 0, refused: 0, lastProblem: '' })
  return steps
}

/** The same policy, with a look at each of its decisions before it is taken. */
function watched(
  policy: Policy, onDecision: (state: State, decision: Decision) => void): Policy {
  return {
    name: policy.name,
    *run(view) {
      const decisions = policy.run(view)
      let next = decisions.next(true)
      while (next.done !== true) {
        onDecision(view, next.value)
        next = decisions.next(yield next.value)
      }
    },
  }
}

/** A random load for some rounds: jobs come and end, nodes go down and come back. */
function run(
  names: PolicyNames, seed: number, onStep: (state: State, step: Step) => void = () => {},
  onRound: (state: State) => void = () => {}, onChange: (state: State) => void = () => {},
  onDecision: (state: State, decision: Decision) => void = () => {}): State {
  const random = randomStream(seed, 'policies')
  const state = createState(PLANT, (names.power ?? 'none') !== 'none')
  const { policies, rankOf } = policiesOf(names)
  const round = { decisions: 0, refused: 0, lastProblem: '' }
  for (let turn = 0; turn < ROUNDS; turn++) {
    advance(state, state.totals.nowMs + random.below(100))
    for (let arrivals = random.below(3); arrivals > 0; arrivals--) {
      const gpus = [0, 1, 2, 3, 4, 4, 6, 8, 8, 12, 16][random.below(11)]!
      const answer = ask(state, {
        type: 'submit',
        request: {
          name: '', queue: random.below(6), gpus, nodes: gpus === 8 ? random.below(2) * 4 : 0,
          cpusPerNode: gpus === 0 ? 3 : 0, memoryPerNodeGiB: 0, device: random.below(3) - 1,
          level: 4 - random.below(4), priority: random.below(3), limitMs: random.below(2) * 300,
          ...PLAIN,
          leastRunMs: random.below(4) === 0 ? 250 : 0,
          deadlineAtMs: random.below(2) * (state.totals.nowMs + 500),
          isHero: random.below(10) === 0,
        },
      }, rankOf)
      if (isRefusal(answer) || answer.type !== 'job.submitted') continue
      const isElastic = answer.nodes > 1 && random.below(2) === 0
      apply(state, isElastic ? { ...answer, leastNodes: 1 } : answer)
    }
    const node = random.below(PLANT.nodes - 1)
    switch (random.below(8)) {
      case 0: apply(state, { type: 'nodes.drained', first: node, end: node + 2, cause: '' }); break
      case 1: apply(state, { type: 'nodes.resumed', first: 0, end: PLANT.nodes, cause: '' }); break
      default: {
        const job = someJob(state, PHASE.starting, random.below(1000))
        if (job >= 0) apply(state, { type: 'job.ended', job, outcome: 'completed' })
      }
    }
    onChange(state)
    if (isUnsettled(state)) {
      decide(state, policies.map((policy) => watched(policy, onDecision)), (step) => {
        onStep(state, step)
        apply(state, step)
      }, round)
      onRound(state)
    }
    assert.deepEqual(brokenInvariants(state), [])
  }
  assert.equal(round.refused, 0, round.lastProblem)
  assert.ok(round.decisions > 50, 'the load is worth something')
  return state
}

/** The first job of at least a phase, from a row on. */
function someJob(state: State, phase: number, from: number): number {
  const { jobRows } = state.totals
  for (let step = 0; step < jobRows; step++) {
    const job = (from + step) % jobRows
    if (state.tables.jobs.phase[job]! >= phase) return job
  }
  return -1
}
