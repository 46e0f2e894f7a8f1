// Shows that Kueue's performance test runs to its end: all 15,000 workloads start and complete, no
// queue ever holds more than its quota and what it may borrow, and each stays within its level.
// What queues hold is counted here from the starts and ends alone, not by what the core counts.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Policy } from '../core/decide.ts'
import { createState, type State } from '../core/state.ts'
import { Twin } from '../engines/twin/twin.ts'
import { catalogueOf, FORMAT } from '../journal/header.ts'
import { JournalWriter } from '../journal/writer.ts'
import { LEVELS, type Step, type TraceJob } from '../model/index.ts'
import { readTrace } from '../traces/read.ts'
import { policiesOf } from '../policies/index.ts'
import type { PolicyNames } from '../policies/policy.ts'
import { readFactory } from './factory-file.ts'
import { runLoop } from './loop.ts'
import { Recorder } from './record.ts'
import { VERSION } from './version.ts'

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples', 'kueue')

const POLICIES: PolicyNames = {
  order: 'priority', backfill: 'none', place: 'pack', preempt: 'priority',
}

/** CPUs of the test's own file, in cores of the factory's. */
const LOADS = [
  { name: 'baseline', coresPerCpu: 1, isLeveled: false },
  { name: 'tas', coresPerCpu: 4, isLeveled: true },
]

describe('the performance test of Kueue', () => {
  for (const { name, coresPerCpu, isLeveled } of LOADS) {
    test(name, async () => {
      const { jobs } = await readTrace('kueue', join(EXAMPLES, 'load', `${name}.yaml`))
      const watch = new Watch(coresPerCpu)
      const recorder = run(join(EXAMPLES, `${name}.yaml`), [...jobs], watch)
      assert.equal(recorder.jobs.completed, 15_000)
      assert.equal(recorder.jobs.refused, 0)
      assert.ok(watch.started >= 15_000)
      assert.deepEqual(watch.problems, [])
      // Quotas are what is short, and borrowing what makes the most of them.
      assert.ok(watch.mostOfQueue > 20 * coresPerCpu, `${watch.mostOfQueue}`)
      assert.equal(watch.mostOfCohort, 120 * coresPerCpu)
      assert.equal(watch.leveled > 0, isLeveled)
    })
  }
})

/** Runs the load to its end and checks all invariants now and then. */
function run(factory: string, jobs: readonly TraceJob[], watch: Watch): Recorder {
  const { plant, document } = readFactory(factory)
  const state = createState(plant)
  const { policies, rankOf } = policiesOf(POLICIES)
  const twin = new Twin(state, 1)
  const ended: string[] = []
  const recorder = new Recorder(state, twin, (row) => ended.push(row.job))
  const byName = new Map(jobs.map((job) => [job.id, job]))
  const journal = new JournalWriter(undefined, {
    format: FORMAT, version: VERSION, factory: document, catalogue: catalogueOf(plant), seed: 1,
    policies: POLICIES,
  })
  let next = 0
  runLoop({
    state, twin, rankOf, journal, recorder,
    source: {
      peekAtMs: () => jobs[next]?.submitAtMs ?? Infinity,
      next: () => ({ job: jobs[next]!, name: jobs[next++]!.id }),
    },
    policies: policies.map((policy) => watch.watched(policy, () => {
      for (const id of ended.splice(0)) watch.end(byName.get(id)!)
    }, byName)),
    round: { decisions: 0, refused: 0, lastProblem: '' },
    checkEvery: 1000,
    onBroken: (problems) => watch.problems.push(...problems),
  }, Infinity, () => {})
  return recorder
}

/** Sees every start just before it is taken. */
class Watch {
  readonly problems: string[] = []
  started = 0
  /** Starts that had to stay within a level. */
  leveled = 0
  mostOfQueue = 0
  mostOfCohort = 0
  private readonly coresPerCpu: number
  private readonly held = new Map<string, number>()

  constructor(coresPerCpu: number) {
    this.coresPerCpu = coresPerCpu
  }

  /** The policy, with each of its decisions checked; `before` is called first. */
  watched(policy: Policy, before: () => void, byName: ReadonlyMap<string, TraceJob>): Policy {
    const see = (view: State, steps: readonly Step[]) => this.see(view, steps, byName)
    return {
      name: policy.name,
      * run(view) {
        const inner = policy.run(view)
        before()
        let next = inner.next(true)
        while (next.done !== true) {
          see(view, next.value.steps)
          next = inner.next(yield next.value)
        }
      },
    }
  }

  end(job: TraceJob): void {
    this.hold(job, -1)
  }

  private see(view: State, steps: readonly Step[], byName: ReadonlyMap<string, TraceJob>): void {
    for (const step of steps) {
      if (step.type !== 'job.started' && step.type !== 'job.preempted') continue
      const job = byName.get(view.names[step.job]!)!
      this.hold(job, step.type === 'job.started' ? 1 : -1)
      if (step.type === 'job.started') this.start(view, job, step.spans)
    }
  }

  private start(view: State, job: TraceJob, spans: readonly number[]): void {
    this.started++
    if (LEVELS.findIndex((level) => level === job.level) !== 1) return
    this.leveled++
    const racks = new Set<number>()
    let nodes = 0
    for (let at = 0; at < spans.length; at += 3) {
      for (let node = spans[at]!; node < spans[at + 1]!; node++) {
        racks.add(view.layout.rackOfNode[node]!)
        nodes++
      }
    }
    if (racks.size !== 1 || nodes !== job.nodes) {
      this.problems.push(`${job.id} has ${nodes} nodes in ${racks.size} racks`)
    }
  }

  /** Counts what its queue and its cohort hold, against the 20 and 100 CPUs of the test's file. */
  private hold(job: TraceJob, sign: number): void {
    const cohort = job.queue.slice(job.queue.indexOf('cohort'))
    const cores = sign * job.nodes * job.cpusPerNode
    const ofQueue = (this.held.get(job.queue) ?? 0) + cores
    const ofCohort = (this.held.get(cohort) ?? 0) + cores
    this.held.set(job.queue, ofQueue)
    this.held.set(cohort, ofCohort)
    this.mostOfQueue = Math.max(this.mostOfQueue, ofQueue)
    this.mostOfCohort = Math.max(this.mostOfCohort, ofCohort)
    if (ofQueue > 120 * this.coresPerCpu || ofCohort > 120 * this.coresPerCpu) {
      this.problems.push(`${job.id} makes ${ofQueue} of its queue and ${ofCohort} of its cohort`)
    }
  }
}
