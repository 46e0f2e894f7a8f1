// The parts as a server puts them together: a journal in SQLite and real processes on this machine,
// through a restart in the middle; and a twin fed from a trace, through several.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { BY, HandClock, requestOf, specOf, until } from '../../../test/live/site.ts'
import { catalogueOf, FORMAT } from '../../journal/header.ts'
import { openStore } from '../../journal/sqlite.ts'
import { hashState } from '../../core/state.ts'
import { isRefusal, PHASE } from '../../model/index.ts'
import { readTrace } from '../../traces/read.ts'
import { parseScale } from '../../traces/scale.ts'
import { parseFactory } from '../factory-file.ts'
import type { Controller } from './controller.ts'
import { localKind } from './local.ts'
import { startController } from './start.ts'
import { twinKind } from './twin.ts'

const POLICIES = { order: 'fair-share', backfill: 'easy', place: 'pack', power: 'price' }
const ROOT = join(import.meta.dirname, '..', '..', '..')

const folder = mkdtempSync(join(tmpdir(), 'millrace-live-'))
after(() => rmSync(folder, { recursive: true }))

const TWO_CORES = `name: two
devices: [{ name: cores, idle: 4 W, rated: 8 W, minCap: 8 W }]
systems: [{ name: machine, device: cores, gpus: 2, cpus: 2, memoryGiB: 8, idle: 8 W, rated: 16 W }]
sites: [{ name: two, racks: [{ system: machine, nodes: 1 }] }]
failures: none
`

describe('a factory of real processes', () => {
  const { plant, document } = parseFactory(TWO_CORES, 'two.yaml')
  const own = join(folder, 'two')
  const start = () => startController({
    name: 'two', plant, policies: POLICIES, pace: 1,
    engine: localKind({ folder: own, devices: 'cores' }),
    open: () => openStore(own, {
      format: FORMAT, version: 'test', factory: document, catalogue: catalogueOf(plant), seed: 1,
      policies: POLICIES,
    }),
  })
  const submit = async (controller: Controller, command: string) => {
    const answer = await controller.ask({
      type: 'submit', request: requestOf(0, { cpusPerNode: 1 }),
      spec: specOf({ command: ['/bin/sh', '-c', command] }),
    }, BY)
    assert.ok(!isRefusal(answer), JSON.stringify(answer))
    return answer.number
  }

  it('runs a job to its end while the server goes and comes', async () => {
    const first = await start()
    const count = join(folder, 'count')
    const path = join(folder, 'go')
    await submit(first, `echo x >> ${count}; while [ ! -e ${path} ]; do sleep 0.05; done; exit 3`)
    await until('it is up', () => first.state().tables.jobs.phase[0] === PHASE.running)
    const hash = first.state().totals.events
    await first.close()
    const again = await start()
    assert.ok(again.state().totals.events >= hash)
    assert.equal(again.state().totals.running, 1)
    await submit(again, `touch ${path}`)
    await until('both are over', () => {
      const { totals } = again.state()
      return totals.running === 0 && totals.pending === 0
    })
    assert.equal(readFileSync(count, 'utf8'), 'x\n', 'started once')
    assert.equal(again.health().problem, '')
    await again.close()
  })
})

describe('a twin that is fed from a trace', () => {
  const { plant, document } = parseFactory(
    'name: few\nsites: [{ name: few, racks: [{ system: dgx-v100, count: 8 }] }]\n', 'few.yaml')

  it('goes on behind what its journal has, with jobs that behave as they did', async () => {
    const trace = await readTrace('philly', join(ROOT, 'test/fixtures/traces/philly-40.csv.gz'))
    const traces = [{ trace, scale: parseScale('copies=5,jitter=1d') }]
    const own = join(folder, 'few')
    const clock = new HandClock()
    let most = 0
    let jobs = 0
    for (let restart = 0; restart < 4; restart++) {
      const controller: Controller = await startController({
        name: 'few', plant, policies: POLICIES, pace: 1440, clocks: clock,
        engine: twinKind(traces, 3, true),
        open: () => openStore(own, {
          format: FORMAT, version: 'test', factory: document, catalogue: catalogueOf(plant),
          seed: 1, policies: POLICIES,
        }),
      })
      const before = hashState(controller.state())
      assert.ok(before !== '')
      assert.equal(controller.state().totals.jobsSeen, jobs)
      clock.pass(600_000)
      await controller.ask({ type: 'cancel', number: 0 }, BY)
      await until('ten days', () => controller.health().behindMs === 0
        && controller.state().totals.nowMs >= controller.clock.nowMs() - 1)
      most = Math.max(most, controller.state().totals.running)
      jobs = controller.state().totals.jobsSeen
      assert.equal(controller.health().problem, '')
      await controller.close()
    }
    assert.ok(jobs > 100 && most > 0, `${jobs} jobs came, ${most} ran at a time`)
  })
})
