import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { catalogueOf, FORMAT } from '../src/journal/header.ts'
import { openStore } from '../src/journal/sqlite.ts'
import type { Engine } from '../src/engines/engine.ts'
import { isRefusal, PLAIN, type JobRequest } from '../src/model/index.ts'
import { specSchema } from '../src/model/spec.ts'
import type { Ask, Controller } from '../src/run/live/controller.ts'
import type { EngineKind } from '../src/run/live/plugged.ts'
import { startController } from '../src/run/live/start.ts'
import { twinKind } from '../src/run/live/twin.ts'
import { factoryOf } from './factory.ts'
import { cpuMs, quantile, type Figure, type Row } from './figure.ts'

const NODES = 10_000

/** Clients that submit at a time, each its next job when the last one is durable. */
const CLIENTS = 100
const SUBMISSIONS = 10_000

/** Records of the journal that is restarted from. */
const RECORDS = 1_000_000

const IDLE_MS = 20_000

/** What a live service takes, with its journal in SQLite on the disk of the temporary folder. */
export const submissions: Figure = {
  name: 'submissions',
  summary: `${SUBMISSIONS} jobs submitted durably by ${CLIENTS} clients, ${NODES} nodes`,
  run: () => inFolder(runSubmissions),
}

export const restart: Figure = {
  name: 'restart',
  summary: `a live factory opens again from ${RECORDS} records, without a snapshot`,
  run: () => inFolder(runRestart),
}

export const idle: Figure = {
  name: 'idle',
  summary: `a live factory of ${NODES} nodes in which nothing happens`,
  run: () => inFolder(runIdle),
}

async function runSubmissions(folder: string): Promise<Row[]> {
  const controller = await start(folder, NOWHERE)
  const times: number[] = []
  let left = SUBMISSIONS
  const cpuFromMs = cpuMs()
  const fromMs = performance.now()
  await Promise.all(Array.from({ length: CLIENTS }, async (_, client) => {
    while (left-- > 0) {
      const beforeMs = performance.now()
      await submit(controller, `${client} ${left}`)
      times.push(performance.now() - beforeMs)
    }
  }))
  const ms = performance.now() - fromMs
  const { turns } = controller.health()
  const detail = {
    clients: CLIENTS, turns, cpuMs: cpuMs() - cpuFromMs, p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
  }
  await controller.close()
  return [{
    name: 'submissions', value: SUBMISSIONS / ms * 1e3, unit: '/s', goal: { least: 1000 },
    isCpu: false, detail,
  }]
}

/** Jobs come and are cancelled: a job of one that waits is two records and its turns. */
async function runRestart(folder: string): Promise<Row[]> {
  const first = await start(folder, NOWHERE, Infinity)
  let records = 0
  first.onBatch(({ events }) => { records += events.length })
  while (records < RECORDS) {
    const numbers = await Promise.all(Array.from({ length: 1000 }, () => submit(first, '')))
    await Promise.all(numbers.map((number) => first.ask({ type: 'cancel', number }, BY)))
  }
  await first.store.close()
  await first.close().catch(() => {})
  const cpuFromMs = cpuMs()
  const fromMs = performance.now()
  const again = await start(folder, NOWHERE, Infinity)
  const ms = performance.now() - fromMs
  const detail = { records, jobs: again.state().totals.jobsSeen, cpuMs: cpuMs() - cpuFromMs }
  await again.close()
  return [{
    name: 'restart', value: ms / 1e3, unit: 's', goal: { most: 5 }, isCpu: false, detail,
  }]
}

async function runIdle(folder: string): Promise<Row[]> {
  const controller = await start(folder, twinKind([], 1, false))
  await sleep(3000)
  const cpuFromMs = cpuMs()
  await sleep(IDLE_MS)
  const percent = (cpuMs() - cpuFromMs) / IDLE_MS * 100
  const { turns } = controller.health()
  const rssMB = process.memoryUsage().rss / 1e6
  await controller.close()
  return [
    { name: 'idle', value: percent, unit: '% of a core', goal: { most: 1 }, isCpu: false,
      detail: { nodes: NODES, turns, ms: IDLE_MS } },
    { name: 'idle-memory', value: rssMB, unit: 'MB', goal: { most: 200 }, isCpu: false,
      detail: { nodes: NODES } },
  ]
}

const POLICIES = { order: 'fair-share', backfill: 'easy', place: 'pack', power: 'price' }
const BY = { who: 'bench', from: '127.0.0.1', key: '' }

async function start(
  folder: string, engine: EngineKind, snapshotEvery = 250_000): Promise<Controller> {
  const { plant, document } = factoryOf(NODES, false)
  return startController({
    name: 'bench', plant, policies: POLICIES, pace: 1, engine, snapshotEvery,
    open: () => openStore(folder, {
      format: FORMAT, version: 'bench', factory: document, catalogue: catalogueOf(plant), seed: 1,
      policies: POLICIES,
    }),
  })
}

const REQUEST: JobRequest = {
  ...PLAIN, name: '', queue: 0, gpus: 8, nodes: 0, cpusPerNode: 0, memoryPerNodeGiB: 0, device: -1,
  level: 4, priority: 0, limitMs: 3_600_000,
}
const SPEC = specSchema.parse({ command: ['python3', 'train.py', '--size', '7B'] })

async function submit(controller: Controller, key: string): Promise<number> {
  const ask: Ask = {
    type: 'submit', request: REQUEST,
    spec: { ...SPEC, owner: 'bench', account: '', submittedAtMs: Date.now() },
  }
  const answer = await controller.ask(ask, { ...BY, key })
  if (isRefusal(answer)) throw new Error(answer.message)
  return answer.number
}

/** An engine that takes every order and says nothing. */
const NOWHERE: EngineKind = {
  name: 'nowhere',
  make: async () => {
    const engine: Engine = {
      name: 'nowhere', isInside: false, nextAtMs: () => Infinity, collect: () => {}, send: () => {},
      reconcile: () => {}, close: async () => {},
    }
    return { engine }
  },
}

async function inFolder(run: (folder: string) => Promise<Row[]>): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  try {
    return await run(join(folder, 'factory'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
