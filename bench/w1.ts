import { runTwinCommand } from './command.ts'
import { median, type Figure } from './figure.ts'

const REPEATS = 5

const WORDS = [
  'examples/w1/factory-9472.yaml', '--trace', 'swf:examples/traces/w1_9472_20000.swf.gz',
]

export const w1: Figure = {
  name: 'w1-9472',
  summary: 'the W1 list, 9,472 nodes and 20,000 jobs, the whole command',
  run: () => {
    const runs = runTwinCommand(WORDS, REPEATS)
    const { waitMs, makespanMs } = runs[0]!.summary
    return [{
      name: 'w1-9472', value: median(runs.map((run) => run.cpuS)), unit: 'CPU s',
      goal: { most: 1 }, isCpu: true,
      detail: {
        repeats: REPEATS,
        leastCpuS: Math.min(...runs.map((run) => run.cpuS)),
        rssMB: median(runs.map((run) => run.rssMB)),
        meanWaitS: waitMs.mean / 1e3,
        makespanS: makespanMs / 1e3,
        rapsCpuS: 88.6,
        accasimCpuS: 222,
      },
    }]
  },
}
