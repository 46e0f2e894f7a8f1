/**
 * A server as small as can be, to be killed: `STEP=sent node test/local-server.ts FOLDER`. It
 * starts one job and kills itself at a step, some milliseconds after: the order is sent, the job
 * is up, the job has ended and nobody was told.
 */
import { openLocal } from '../src/engines/local/local.ts'
import type { Report } from '../src/model/index.ts'
import { commandOf, gangOf, specOf } from './local-scene.ts'

const [folder, step, delay, count] = process.argv.slice(2)
const reports: Report[] = []

const engine = await openLocal({
  folder: folder!, leaseMs: 60_000, devices: 'cores', spares: 1, wake: () => look(),
})
const command = commandOf('start', 1, { capW: 100, safeW: 100, order: 1 })
engine.send(command, specOf({ command: ['sh', '-c', count!], graceMs: 200 }), gangOf(1))
if (step === 'sent') die()
setInterval(() => undefined, 1000)

function look(): void {
  engine.collect(performance.now(), reports)
  const isThere = (type: Report['type']) => reports.some((each) => each.type === type)
  if (step === 'up' && isThere('job.up')) die()
  if (step === 'done' && isThere('job.done')) die()
}

function die(): void {
  const kill = () => process.kill(process.pid, 'SIGKILL')
  if (delay === '0') kill()
  else setTimeout(kill, Number(delay))
}
