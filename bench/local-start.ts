import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandOf, gangOf, localScene, specOf, type LocalScene } from '../test/local-scene.ts'
import { quantile, type Figure } from './figure.ts'

/** Jobs that run already, and starts that are measured one after another beside them. */
const RUNNING = 100
const STARTS = 100
/** Between two starts, so that they come as people's do and not as a burst. */
const GAP_MS = 150

export const localStart: Figure = {
  name: 'local-start',
  summary: 'from an order to a process that runs, beside 100 running jobs',
  run: async () => {
    const scene = await localScene({ spares: 4 })
    try {
      for (let number = 1; number <= RUNNING; number++) {
        scene.start(number, { command: ['sleep', '1000'], graceMs: 0 })
        await scene.reported(number, 'job.up')
      }
      const times: number[] = []
      for (let at = 1; at <= STARTS; at++) times.push(await startMs(scene, RUNNING + at))
      const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)]
      return [{
        name: 'local-start', value: p99, unit: 'ms p99', goal: { most: 50 }, isCpu: false,
        detail: { p50, mostMs: Math.max(...times), starts: STARTS, running: RUNNING },
      }]
    } finally {
      await scene.close()
    }
  },
}

/** Wall time from the order until the process says what time it is. */
async function startMs(scene: LocalScene, number: number): Promise<number> {
  await new Promise((done) => {
    setTimeout(done, GAP_MS)
  })
  const sentMs = performance.timeOrigin + performance.now()
  scene.engine.send(commandOf('start', number, { capW: 100, order: 1 }),
    specOf({ command: ['date', '+%s.%N'] }), gangOf(number))
  await scene.reported(number, 'job.done')
  const said = readFileSync(join(scene.attempt(number), 'node-0.log'), 'utf8')
  return Number(said) * 1e3 - sentMs
}
