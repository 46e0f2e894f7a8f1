import { Command } from 'commander'
import type { Limit, Page } from '../../api/client.ts'
import { formatPower, parseQuantity } from '../../base/units.ts'
import { InputError } from '../../model/index.ts'
import { readWhole } from '../options.ts'
import { print } from '../print.ts'
import { dryText } from './act.ts'
import { connect, factoryOf, withServer, type Live, type ServerFlags } from './connect.ts'
import { table, terminalWidth } from './table.ts'
import { readWhen, shownSoon, shownWhen } from './when.ts'

type LimitFlags = ServerFlags & {
  readonly from?: string
  readonly until?: string
  readonly budget?: true
  readonly cause: string
  readonly dryRun?: true
}

export function limitCommand(done: (exitCode: number) => void): Command {
  const run = withServer(new Command('limit'))
    .summary('limit what may be granted at a feeder for a while')
    .description('Limits the watts that may be granted at a feeder. Jobs that no longer fit are '
      + 'capped or paused, and come back after it.')
    .argument('<feeder>', 'feeder, hall, row, rack or site by name')
    .argument('<power>', 'such as 20MW')
    .option('--from <time>', 'such as 18:00, 2026-11-24T18:00 or +2h; now if left out')
    .option('--until <time>', 'the same; +3h is counted from --from; for ever if left out')
    .option('--budget', 'an operator\'s own limit, below what the plant allows')
    .option('--cause <text>', 'why, for people', '')
    .option('--dry-run', 'say what would happen, and do nothing')
    .addHelpText('after', `
Times are of the factory's clock, in this machine's zone.

Example:
  millrace limit hall1 20MW --from 18:00 --until 21:00
  millrace limit list
  millrace limit clear 3`)
    .action(async (feeder: string, power: string, flags: LimitFlags) => {
      await set(feeder, power, flags)
      done(0)
    })
  return run.addCommand(listing(done, 'limit', ({ client, factory }) => client.limits({ factory })))
    .addCommand(clearing(done, 'limit'))
}

async function set(feeder: string, power: string, flags: LimitFlags): Promise<void> {
  const watts = readPower('power', power)
  const live = connect(flags)
  const { at } = await factoryOf(live)
  const nowMs = Date.parse(at)
  const fromMs = flags.from === undefined ? nowMs : readWhen('--from', flags.from, nowMs)
  const untilMs = flags.until === undefined ? Infinity : readWhen('--until', flags.until, fromMs)
  if (untilMs <= fromMs) {
    throw new InputError(`--until ${flags.until} is ${shownWhen(untilMs, nowMs)}, not after ${
      shownWhen(fromMs, nowMs)}.`)
  }
  const answer = await live.client.limit({
    feeder, watts, kind: flags.budget === true ? 'budget' : 'limit', cause: flags.cause,
    ...flags.from === undefined ? {} : { from: new Date(fromMs).toISOString() },
    ...untilMs === Infinity ? {} : { until: new Date(untilMs).toISOString() },
  }, { factory: live.factory, dryRun: flags.dryRun === true })
  if (flags.json === true) return print(`${JSON.stringify(answer)}\n`)
  const when = `from ${flags.from === undefined ? 'now' : shownSoon(fromMs, nowMs)} ${
    untilMs === Infinity ? 'on' : `until ${shownSoon(untilMs, nowMs)}`}`
  if ('dryRun' in answer) {
    return print(dryText(`${feeder} would have at most ${formatPower(watts)} ${when}`, answer))
  }
  print(`${feeder} has at most ${formatPower(watts)} ${when}. ${answer.limit === null ? ''
    : `"millrace limit clear ${answer.limit}" takes it back.`}\n`)
}

export function readPower(flag: string, text: string): number {
  const parsed = parseQuantity(text, 'power')
  if ('problem' in parsed) throw new InputError(`${flag}: ${parsed.problem}; such as 20MW.`)
  if (parsed.value < 0) throw new InputError(`${flag} ${text}: it must not be below 0.`)
  return Math.round(parsed.value)
}

/** `limit list` and `event list`. */
export function listing(
  done: (exitCode: number) => void, name: string, read: (live: Live) => Promise<Page<Limit>>,
): Command {
  return withServer(new Command('list'))
    .description('Lists what is known, now and for later.')
    .addHelpText('after', `\nExample:\n  millrace ${name} list`)
    .action(async (own: ServerFlags, command: Command) => {
      const flags = { ...command.optsWithGlobals<ServerFlags>(), ...own }
      const page = await read(connect(flags))
      if (flags.json === true) print(`${JSON.stringify(page)}\n`)
      else print(limitsText(page.items, Date.parse(page.at)))
      done(0)
    })
}

function limitsText(limits: readonly Limit[], nowMs: number): string {
  if (limits.length === 0) return 'There are none beside those of the plant.\n'
  const when = (at: string | null) => at === null ? '' : shownWhen(Date.parse(at), nowMs)
  return table<Limit>([
    { head: 'ID', align: 'right', of: ({ limit }) => `${limit}` },
    { head: 'FEEDER', mayCut: true, of: ({ feeder }) => feeder },
    { head: 'KIND', of: ({ kind }) => kind },
    { head: 'POWER', align: 'right', of: ({ watts }) => formatPower(watts) },
    { head: 'FROM', of: ({ startAt }) => when(startAt) },
    { head: 'UNTIL', of: ({ endAt }) => when(endAt) || 'for ever' },
    { head: 'NOW', of: ({ isNow }) => isNow ? 'yes' : '' },
    { head: 'CAUSE', mayCut: true, of: ({ cause }) => cause },
  ], limits, terminalWidth())
}

const ID_MOST = 1_000_000

/** `limit clear` and `event clear`. */
export function clearing(done: (exitCode: number) => void, name: string): Command {
  return withServer(new Command('clear'))
    .description('Takes back what is known by its id.')
    .argument('<id...>', `ids of "millrace ${name} list"`)
    .addHelpText('after', `\nExample:\n  millrace ${name} clear 3`)
    .action(async (ids: readonly string[], own: ServerFlags, command: Command) => {
      const flags = { ...command.optsWithGlobals<ServerFlags>(), ...own }
      const { client, factory } = connect(flags)
      for (const text of ids) {
        const id = readWhole('id', text, 0, ID_MOST)
        const answer = await client.clearLimit(id, { factory })
        print(flags.json === true ? `${JSON.stringify(answer)}\n` : `${id} is taken back.\n`)
      }
      done(0)
    })
}
