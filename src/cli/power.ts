import { Command } from 'commander'
import { nearestWord } from '../base/text.ts'
import { fromHours } from '../base/units.ts'
import type { State } from '../core/state.ts'
import { InputError } from '../model/index.ts'
import { policiesOf, POWERS } from '../policies/index.ts'
import type { PolicyNames } from '../policies/policy.ts'
import { readFactory } from '../run/factory-file.ts'
import { powerAhead } from '../run/power-ahead.ts'
import { renderPower } from '../run/report/power.ts'
import { readScenario, type Scenario } from '../run/scenario.ts'
import { readTrace } from '../traces/read.ts'
import { Arrivals, type ScaledTrace } from '../traces/scale.ts'
import { delayHelpers } from './compiler.ts'
import { Interrupt } from './interrupt.ts'
import { readMoment, readScales, readTraceOption, readWhole, repeated } from './options.ts'
import { print } from './print.ts'
import { policyNames, runTraces, summaryOf, type TwinFlags } from './twin.ts'
import { journalWorldAt } from './whatif.ts'

type PowerFlags = Omit<TwinFlags, 'until' | 'out' | 'force'> & {
  readonly journal?: string
  readonly at?: string
  readonly hours: string
  readonly feeder: readonly string[]
  readonly failures: boolean
}

/** What is known so far ahead is little. */
const HOURS_MOST = 24 * 14

/** How far into a trace it looks where nobody says it. */
const AT_DEFAULT = '1h'

export function powerCommand(done: (exitCode: number) => void): Command {
  return new Command('power')
    .summary('the coming hours of power: limits, grants, floors, draw and prices')
    .description('Takes a factory at a moment, from a journal or by running it up to there, and '
      + 'looks ahead with the same policies. Prints for each feeder a table, a chart and the worst '
      + 'hour. docs/power.md explains it.')
    .argument('[factory]', 'factory file; left out with --journal')
    .option('--journal <file>', 'journal.mrj of a run, in place of a factory and traces')
    .option('--trace <format:file>', 'jobs to run, as of millrace twin; may be repeated',
      repeated, [])
    .option('--scale <scale>', 'as of millrace twin', repeated, [])
    .option('--scenario <file>', 'what happens meanwhile, as of millrace twin; what it announces '
      + 'later than the moment is not known')
    .option('--at <time>', `moment of the run, such as 3d12h; ${AT_DEFAULT} into a trace, the end `
      + 'of a journal if left out')
    .option('--hours <number>', 'how far to look ahead', '12')
    .option('--feeder <name>', 'feeder to show; may be repeated; the root of each site if left out',
      repeated, [])
    .option('--seed <number>', 'seed of everything random', '1')
    .option('--order <policy>', 'as of millrace twin', 'fifo')
    .option('--backfill <policy>', 'as of millrace twin', 'none')
    .option('--place <policy>', 'as of millrace twin', 'pack')
    .option('--preempt <policy>', 'as of millrace twin', 'reclaim')
    .option('--consolidate <policy>', 'as of millrace twin', 'none')
    .option('--power <policy>', Object.values(POWERS).map(({ name, summary }) =>
      `${name}: ${summary}`).join('; '), 'none')
    .option('--no-failures', 'nothing fails from then on')
    .option('--json', 'print all of it as one JSON object')
    .addHelpText('after', `
Example:
  millrace power examples/two-sites/factory.yaml --trace philly:examples/traces/philly.csv.gz \\
    --at 2d --hours 24`)
    .action(async (factory: string | undefined, flags: PowerFlags) => {
      done(await power(factory, flags))
    })
}

async function power(factory: string | undefined, flags: PowerFlags): Promise<number> {
  delayHelpers()
  const hoursMs = fromHours(readWhole('--hours', flags.hours, 1, HOURS_MOST))
  const seed = readWhole('--seed', flags.seed, 0, Number.MAX_SAFE_INTEGER)
  const { state, policies, scenario } = await worldAt(factory, flags, seed)
  const ahead = powerAhead(state, {
    ...policiesOf(policies), seed, failures: flags.failures, hoursMs, scenario,
    feeders: feedersOf(state, flags.feeder),
  })
  print(flags.json === true ? `${JSON.stringify(ahead)}\n` : renderPower(ahead))
  return 0
}

/** The state at a moment and what decides in it: of a journal, or of a run up to there. */
async function worldAt(
  factory: string | undefined, flags: PowerFlags, seed: number,
): Promise<{
  readonly state: State, readonly policies: PolicyNames, readonly scenario?: Scenario | undefined
}> {
  const { journal, trace } = flags
  if ((factory === undefined) === (journal === undefined)) {
    throw new InputError('Give a factory file, such as examples/two-sites/factory.yaml, or '
      + '--journal and the journal of a run, and not both.')
  }
  if (journal !== undefined) {
    if (trace.length > 0 || flags.scenario !== undefined) {
      throw new InputError('--trace and --scenario: the journal has what came; leave them out.')
    }
    return journalWorldAt(journal, readMoment('--at', flags.at ?? 'end'))
  }
  const policies = policyNames(flags)
  const { plant, document } = readFactory(factory!)
  const scenario = flags.scenario === undefined ? undefined : readScenario(flags.scenario, plant)
  const untilMs = readMoment('--at', flags.at ?? (trace.length === 0 ? '0s' : AT_DEFAULT))
  if (untilMs === Infinity && trace.length === 0) {
    throw new InputError('--at end: without a trace nothing ends; give a time such as 4h.')
  }
  const wanted = trace.map(readTraceOption)
  const scaleOf = readScales(flags.scale, wanted.map((each) => each.format))
  const interrupt = new Interrupt()
  try {
    const traces: ScaledTrace[] = []
    const queues = plant.queues.map((queue) => queue.name)
    for (const { format, path } of wanted) {
      traces.push({ trace: await readTrace(format, path, queues), scale: scaleOf(format) })
    }
    const { state } = await runTraces({
      plant, document, seed, untilMs, policies, checkEvery: 0, traces: traces.map(summaryOf),
      ...(scenario === undefined ? {} : { scenario }),
    }, new Arrivals(traces, seed), interrupt)
    return { state, policies, scenario }
  } finally {
    interrupt.release()
  }
}

/** Most feeders at a time: each is a screen. */
const FEEDERS_MOST = 64

function feedersOf({ layout }: State, names: readonly string[]): number[] {
  const { feeders, sites } = layout.plant
  if (names.length > FEEDERS_MOST) {
    throw new InputError(`--feeder: ${names.length} are more than ${FEEDERS_MOST}; give fewer.`)
  }
  if (names.length === 0) return sites.slice(0, FEEDERS_MOST).map(({ feeder }) => feeder)
  return names.map((name) => {
    const at = feeders.findIndex((each) => each.name === name)
    if (at >= 0) return at
    const near = nearestWord(name, feeders.map((each) => each.name))
    throw new InputError(`--feeder ${name}: there is no such feeder among ${feeders.length}; the `
      + `first is ${feeders[0]!.name}.${near === undefined ? '' : ` Did you mean ${near}?`}`)
  })
}
