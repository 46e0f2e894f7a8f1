import { runTwinCommand } from './command.ts'
import type { Figure, Row } from './figure.ts'

const WORKLOADS = 15_000

/** What Kueue's own CI takes for its performance test, on the wall: its README and rangespecs. */
const KUEUE_S = { baseline: 351, tas: 401 } as const

export const kueueBaseline: Figure = {
  name: 'kueue-baseline',
  summary: 'Kueue\'s performance test, 15,000 workloads in 30 queues, the whole command',
  run: () => measure('baseline'),
}

export const kueueTas: Figure = {
  name: 'kueue-tas',
  summary: 'the same with topology, on 640 nodes in 10 racks',
  run: () => measure('tas'),
}

/** Workloads that start and run to their end for each CPU second, from the start of the process. */
function measure(load: keyof typeof KUEUE_S): Row[] {
  // Preemption as the test has it: reclaimWithinCohort Any, withinClusterQueue LowerPriority.
  const [run] = runTwinCommand([
    `examples/kueue/${load}.yaml`, '--trace', `kueue:examples/kueue/load/${load}.yaml`,
    '--order', 'priority', '--preempt', 'priority',
  ], 1)
  const { cpuS, rssMB, summary } = run!
  const { jobs, decisions, preemptions, waitMs, makespanMs } = summary
  if (jobs.completed !== WORKLOADS) throw new Error(`only ${jobs.completed} workloads completed`)
  const kueuePerS = WORKLOADS / KUEUE_S[load]
  return [{
    name: `kueue-${load}`, value: WORKLOADS / cpuS, unit: 'workloads/CPU s',
    goal: { least: kueuePerS }, isCpu: true,
    detail: {
      cpuS,
      rssMB,
      decisions,
      preemptions,
      meanWaitS: waitMs.mean / 1e3,
      makespanS: makespanMs / 1e3,
      kueueS: KUEUE_S[load],
      kueuePerS,
    },
  }]
}
