// A real server for the tests of the page: a factory on the twin, busy from its first minute, with
// a journal on the disk, on any free port of loopback.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { factoryOf } from '../../bench/factory.ts'
import { Client } from '../../src/api/client.ts'
import { startServer, type RunningServer } from '../../src/api/server.ts'
import { Tokens } from '../../src/api/tokens.ts'
import { catalogueOf, FORMAT } from '../../src/journal/header.ts'
import { openStore } from '../../src/journal/sqlite.ts'
import { parseFactory, readFactory, type Factory } from '../../src/run/factory-file.ts'
import type { Controller } from '../../src/run/live/controller.ts'
import { startController } from '../../src/run/live/start.ts'
import { twinKind } from '../../src/run/live/twin.ts'
import { readTrace } from '../../src/traces/read.ts'
import { parseScale, type ScaledTrace } from '../../src/traces/scale.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const TRACES = join(ROOT, 'examples', 'traces')

/** Nodes of the made-up factory: eight GPUs each. */
const MILLION_NODES = 125_000

const DAY_MS = 86_400_000

export type Site = {
  readonly controller: Controller
  readonly server: RunningServer
  readonly client: Client
  readonly token: string
  readonly close: () => Promise<void>
}

export type SiteOptions = {
  readonly pace: number
  /** Days that are played before the first minute. */
  readonly days: number
  readonly power?: string
  /** How many times the trace of Kalos comes for 230,000 GPUs; 0: no job but those submitted. */
  readonly copies?: number
}

/** Four racks of DGX H100 below a limit that none reaches: small enough to tell what must be. */
export const SMALL = `name: small
sites:
  - name: here
    limit: 300 kW
    racks: [{ system: dgx-h100, count: 4 }]
failures: none
`

export function smallFile(): Factory {
  return parseFactory(SMALL, 'small.yaml')
}

export function colossusFile(): Factory {
  return readFactory(join(ROOT, 'examples', 'colossus', 'factory.yaml'))
}

export function millionFile(): Factory {
  return factoryOf(MILLION_NODES, true, 0.8)
}

export async function startSite(
  { plant, document }: Factory, { pace, days, power = 'price', copies = 760 }: SiteOptions,
): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-web-'))
  const policies = {
    order: 'fifo', backfill: 'easy', place: 'pack', preempt: 'reclaim', power }
  const traces = copies === 0 ? [] : await tracesFor(plant.gpus, copies, plant.queues)
  const controller = await startController({
    name: plant.name, plant, policies, pace, headStartMs: days * DAY_MS,
    engine: twinKind(traces, 1, true),
    open: () => openStore(join(folder, 'factory'), {
      format: FORMAT, version: 'test', factory: document, catalogue: catalogueOf(plant), seed: 1,
      policies,
    }),
  })
  const tokens = new Tokens(folder)
  const token = tokens.first!
  const server = await startServer({
    controllers: [controller], defaultFactory: controller.name, tokens, port: 0,
    log: pino({ level: 'silent' }),
  })
  return {
    controller, token, server, client: new Client({ url: server.url, token }),
    close: async () => {
      await server.close()
      await controller.close()
      rmSync(folder, { recursive: true })
    },
  }
}

async function tracesFor(
  gpus: number, copies: number, queues: readonly { readonly name: string }[],
): Promise<ScaledTrace[]> {
  const names = queues.map(({ name }) => name)
  const scaled = Math.max(1, Math.round(copies * gpus / 230_000))
  return [{
    trace: await readTrace('kalos', join(TRACES, 'kalos.csv.gz'), names),
    scale: parseScale(`copies=${scaled},jitter=4d,skip=11d`),
  }]
}

/** Waits for something that comes by itself. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>,
  mostMs = 60_000): Promise<void> {
  const endMs = Date.now() + mostMs
  while (!await isSo()) {
    if (Date.now() > endMs) throw new Error(`it never came to that: ${what}`)
    await new Promise((resolve) => { setTimeout(resolve, 50) })
  }
}
