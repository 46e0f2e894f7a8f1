import type { Policy } from '../src/core/decide.ts'
import { createState, type State } from '../src/core/state.ts'
import { Twin } from '../src/engines/twin/twin.ts'
import { JournalWriter } from '../src/journal/writer.ts'
import { catalogueOf, FORMAT } from '../src/journal/header.ts'
import { policiesOf } from '../src/policies/index.ts'
import { runLoop } from '../src/run/loop.ts'
import { Recorder } from '../src/run/record.ts'
import { VERSION } from '../src/run/version.ts'
import { factoryOf } from './factory.ts'
import { JobStream } from './jobs.ts'

export type LiveAsked = {
  readonly nodes: number
  readonly jobs: number
  readonly loadNodes: number
  readonly loadRatio: number
  readonly everyS: number
  readonly atOnce: number
  readonly backfill: string
  readonly isFailing: boolean
  readonly untilMs: number
  readonly watch?: (policy: Policy) => Policy
  readonly onArrival?: (made: number) => void
}

/** Runs a factory up to a time and returns it as it is then, its policies beside it. */
export function runLive(asked: LiveAsked): { state: State, policies: readonly Policy[] } {
  const { plant, document } = factoryOf(asked.nodes, asked.isFailing)
  const state = createState(plant)
  const twin = new Twin(state, 1)
  const names = { order: 'fifo', backfill: asked.backfill, place: 'pack' }
  const { policies: plain, rankOf } = policiesOf(names)
  const policies = asked.watch === undefined ? plain : plain.map(asked.watch)
  const jobs = new JobStream({ ...asked, nodes: asked.loadNodes, gpusPerNode: 8 })
  const source = {
    peekAtMs: () => jobs.peekAtMs(),
    next: () => {
      asked.onArrival?.(jobs.made)
      return jobs.next()
    },
  }
  const journal = new JournalWriter(undefined, {
    format: FORMAT, version: VERSION, factory: document, catalogue: catalogueOf(plant), seed: 1,
    policies: names,
  })
  runLoop({
    state, twin, source, policies, rankOf, journal, recorder: new Recorder(state, twin),
    round: { decisions: 0, refused: 0, lastProblem: '' },
    checkEvery: 0,
    onBroken: (problems) => { throw new Error(problems[0]) },
  }, asked.untilMs, () => {})
  return { state, policies }
}
