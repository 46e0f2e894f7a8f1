import { runTwinCommand } from './command.ts'
import { median, type Figure, type Row } from './figure.ts'

const REPEATS = 3
const WORKLOADS = 15_000

/** What Kueue's own CI takes for its performance test, on the wall: its README and rangespecs. */
const KUEUE_S = { baseline: 351, tas: 401 } as const

export const kueueBaseline: Figure = {
  name: 'kueue-baseline',
  summary: 'Kueue\'s performance test, 15,000 workloads in 30 queues with quotas, the whole command',
  run: () => measure('baseline'),
}

export const kueueTas: Figure = {
  name: 'kueue-tas',
  summary: 'the same with topology, on 640 nodes in 10 racks',
  run: () => measure('tas'),
}

/** Workloads admitted and run to their end for each CPU second, the start of the process included. */
function measure(load: keyof typeof KUEUE_S): Row[] {
  const runs = runTwinCommand([
    `examples/kueue/${load}.yaml`, '--trace', `kueue:examples/kueue/load/${load}.yaml`,
    '--order', 'priority', '--preempt', 'priority',
  ], REPEATS)
  const { jobs, decisions, waitMs, makespanMs } = runs[0]!.summary
  if (jobs.completed !== WORKLOADS) throw new Error(`only ${jobs.completed} workloads completed`)
  const cpuS = median(runs.map((run) => run.cpuS))
  const kueuePerS = WORKLOADS / KUEUE_S[load]
  return [{
    name: `kueue-${load}`, value: WORKLOADS / cpuS, unit: 'workloads/CPU s',
    goal: { least: kueuePerS }, isCpu: true,
    detail: {
      repeats: REPEATS,
      cpuS,
      rssMB: median(runs.map((run) => run.rssMB)),
      decisions,
      meanWaitS: waitMs.mean / 1e3,
      makespanS: makespanMs / 1e3,
      kueueS: KUEUE_S[load],
      kueuePerS,
    },
  }]
}
