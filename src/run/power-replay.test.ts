// A run with caps, pauses, limits and curtailments is journaled; the replay runs the policies again
// and must decide the same, and so must a fork of each state, which knows nothing of what was.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { plainJob } from '../../test/plain-job.ts'
import { loadCatalogue } from '../catalog/catalogue.ts'
import { compilePlant } from '../catalog/plant.ts'
import { apply } from '../core/apply.ts'
import { decide, type Policy } from '../core/decide.ts'
import { forkState } from '../core/state.ts'
import { JournalReader } from '../journal/reader.ts'
import { replay } from '../journal/replay.ts'
import type { Event, Step, TraceJob } from '../model/index.ts'
import { scenarioSchema } from '../model/schema-scenario.ts'
import { factorySchema } from '../model/schema.ts'
import { policiesOf } from '../policies/index.ts'
import { runTwin } from './compose.ts'
import { compileScenario } from './scenario.ts'

const DOCUMENT = factorySchema.parse({
  name: 'small',
  sites: [{ name: 'here', limit: '260 kW', racks: [{ system: 'dgx-h100', count: 6 }] }],
  power: { meter: { every: '5m' } },
  failures: { classes: { host: { mtbf: '500h' } } },
})

const SCENARIO = scenarioSchema.parse({
  name: 'hard times',
  curveError: 0.05,
  events: [
    { limit: { feeder: 'here', at: '2h', for: '90m', to: '210 kW', notice: '30m' } },
    { curtail: { at: '5h', notice: '20m', for: '1h', rampIn: '10m', rampOut: '10m',
      target: '20%' } },
    { budget: { feeder: 'here', at: '8h', for: '2h', to: '170 kW', notice: '10m' } },
    { limit: { feeder: 'here', at: '12h', for: '1h', to: '120 kW', notice: '1h' } },
  ],
})

const folder = mkdtempSync(join(tmpdir(), 'millrace-power-'))
after(() => rmSync(folder, { recursive: true }))

describe('a replay decides as the run did', () => {
  for (const power of ['price', 'even', 'by-priority']) {
    test(power, () => {
      const names = { order: 'fifo', backfill: 'easy', place: 'pack', power }
      const plant = compilePlant(DOCUMENT, loadCatalogue())
      const journalPath = join(folder, power)
      const { summary, problems } = runTwin({
        plant, document: DOCUMENT, source: jobsOf(60), traces: [], policies: names,
        scenario: compileScenario(SCENARIO, plant), seed: 7, untilMs: Infinity, journalPath,
        checkEvery: 1,
      })
      assert.deepEqual(problems, [])
      const seen = typesOf(journalPath)
      for (const type of ['job.capped', 'cap.confirmed', 'limit.set', 'feeder.metered'] as const) {
        assert.ok((seen.get(type) ?? 0) > 10 || type === 'limit.set', `${type} ${seen.get(type)}`)
      }
      const { policies } = policiesOf(names)
      const reader = new JournalReader(journalPath)
      const { stateHash } = replay(reader, plant, asForksDo(policies))
      reader.close()
      assert.equal(stateHash, summary.stateHash)
    })
  }
})

/** The same policies; each round must be what they decide on a fork of its state. */
function asForksDo(policies: readonly Policy[]): readonly Policy[] {
  const expected: Step[] = []
  let at = 0
  const ahead: Policy = {
    name: 'fork',
    // eslint-disable-next-line require-yield
    *run(view) {
      assert.equal(at, expected.length, 'a fork decides more')
      expected.length = at = 0
      const fork = forkState(view)
      decide(fork, policies, (step) => {
        expected.push(step)
        apply(fork, step)
      }, { decisions: 0, refused: 0, lastProblem: '' })
    },
  }
  const followed = policies.map((policy): Policy => ({
    name: policy.name,
    *run(view) {
      const run = policy.run(view)
      for (let next = run.next(true); next.done !== true;) {
        for (const step of next.value.steps) assert.deepEqual(step, expected[at++])
        next = run.next(yield next.value)
      }
    },
  }))
  return [ahead, ...followed]
}

function typesOf(path: string): Map<Event['type'] | string, number> {
  const counts = new Map<string, number>()
  const reader = new JournalReader(path)
  for (const { type } of reader.records()) counts.set(type, (counts.get(type) ?? 0) + 1)
  reader.close()
  return counts
}

/** Jobs of one to sixteen nodes, every ten to fifteen minutes. */
function jobsOf(count: number) {
  const jobs = Array.from({ length: count }, (_, at): TraceJob => {
    const gpus = [8, 64, 16, 32, 128, 8][at % 6]!
    const workMs = [3_000_000, 9_000_000, 5_400_000][at % 3]!
    const job = plainJob(`job ${at}`, at * 700_000, gpus, workMs, workMs * 3)
    return { ...job, priority: at % 4 }
  })
  let next = 0
  return {
    peekAtMs: () => jobs[next]?.submitAtMs ?? Infinity,
    next: () => {
      const job = jobs[next++]!
      return { job, name: job.id }
    },
  }
}
