import { Worker } from 'node:worker_threads'
import { serve } from '../test/api-server.ts'
import { SmallController } from '../test/small-controller.ts'
import { requestOf, specOf } from '../test/live/site.ts'
import type { Load, LoadTold } from './api-load.ts'
import { factoryOf } from './factory.ts'
import { cpuMs, quantile, type Figure } from './figure.ts'

/** The goal: reads with 10,000 jobs at 500 requests a second. The factory is Colossus' size. */
const NODES = 28_750
const JOBS = 10_000
const PER_SECOND = 500
const SECONDS = 10
const GOAL_MS = 20

/** So often something happens meanwhile, so that nothing can be answered from before. */
const CHANGE_EVERY_MS = 50

const BY = { who: 'bench', from: '', key: '' }

export const apiReads: Figure = {
  name: 'api-reads',
  summary: '500 reads a second of a factory of 230,000 GPUs with 10,000 jobs: p99',
  run: async () => {
    const controller = new SmallController('bench', factoryOf(NODES, false).plant,
      { order: 'fifo', backfill: 'none', place: 'pack' })
    for (let at = 0; at < JOBS; at++) {
      await controller.ask({ type: 'submit', request: requestOf(8 * (1 + at % 16)),
        spec: specOf() }, BY)
    }
    const served = await serve([controller])
    await ask(served.server.url, served.secrets.viewer, 2)
    let turn = 0
    const timer = setInterval(() => void controller.ask(
      { type: turn % 2 === 0 ? 'hold' : 'release', number: JOBS - (turn++ >> 1) }, BY),
    CHANGE_EVERY_MS)
    const beforeMs = cpuMs()
    const { tookMs, wrong } = await ask(served.server.url, served.secrets.viewer, SECONDS)
    const usedMs = cpuMs() - beforeMs
    clearInterval(timer)
    await served.close()
    if (wrong > 0) throw new Error(`${wrong} requests were refused`)
    return [{
      name: 'api-reads', value: quantile(tookMs, 0.99), unit: 'ms', goal: { most: GOAL_MS },
      isCpu: false,
      detail: {
        p50Ms: quantile(tookMs, 0.5), p999Ms: quantile(tookMs, 0.999), requests: tookMs.length,
        changes: turn, cpuRatioOfServerAndClient: usedMs / (SECONDS * 1000),
        pending: controller.state().totals.pending, running: controller.state().totals.running,
      },
    }]
  },
}

function ask(url: string, token: string, seconds: number): Promise<LoadTold> {
  const paths = ['/v1/jobs?limit=100', `/v1/jobs/${JOBS / 2}`, '/v1/jobs?phase=pending&limit=100',
    '/v1/nodes?limit=100', '/v1/queues', '/v1/feeders?limit=100', '/v1/factories',
    `/v1/jobs/${JOBS}`, '/v1/jobs?order=newest&limit=20', '/v1/limits']
  const load: Load = { url, token, paths, perSecond: PER_SECOND, seconds }
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./api-load.ts', import.meta.url), { workerData: load })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
