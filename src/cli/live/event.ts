import { Command } from 'commander'
import type { NewCurtailment } from '../../api/client.ts'
import {
  formatDuration, formatPower, formatRatio, parseQuantity, parseSpan,
} from '../../base/units.ts'
import { InputError } from '../../model/index.ts'
import { print } from '../print.ts'
import { dryText } from './act.ts'
import { connect, factoryOf, withServer, type ServerFlags } from './connect.ts'
import { clearing, listing, readPower } from './limit.ts'
import { readWhen, shownSoon } from './when.ts'

type CurtailFlags = ServerFlags & {
  readonly target: string
  readonly for: string
  readonly at?: string
  readonly notice?: string
  readonly feeder?: string
  readonly rampIn?: string
  readonly rampOut?: string
  readonly baseline?: string
  readonly cause?: string
  readonly dryRun?: true
}

export function eventCommand(done: (exitCode: number) => void): Command {
  const curtail = withServer(new Command('curtail'))
    .summary('the grid asks for less for a while')
    .description('Has the factory draw less for a while, as a grid operator asks for it: down to '
      + 'watts, or by a share of what is drawn.')
    .requiredOption('--target <power>', 'what may be drawn, such as 25MW, or the share of the '
      + 'baseline that is cut, such as 25%')
    .requiredOption('--for <time>', 'how long, such as 3h')
    .option('--at <time>', 'when it must be reached: 18:00, 2026-11-24T18:00 or +2h')
    .option('--notice <time>', 'without --at: how long from now')
    .option('--feeder <name>', 'where; the first site if left out')
    .option('--ramp-in <time>', 'how long before that the draw goes down')
    .option('--ramp-out <time>', 'how long the return takes')
    .option('--baseline <power>', 'what is cut from; what is metered if left out')
    .option('--cause <text>', 'who asks and why')
    .option('--dry-run', 'say what would happen, and do nothing')
    .addHelpText('after', `
Example:
  millrace event curtail --target 25% --at 18:00 --for 3h --ramp-in 10m
  millrace event curtail --target 20MW --notice 30m --for 2h --cause "APS demand response"`)
    .action(async (flags: CurtailFlags) => {
      await curtailment(flags)
      done(0)
    })
  return new Command('event')
    .summary('what the grid asks for: curtailments')
    .description('What the grid asks for: announce it, list it, take it back. docs/events.md '
      + 'explains what follows.')
    .addHelpText('after', '\nExample:\n  millrace event curtail --target 25% --at 18:00 --for 3h')
    .addCommand(curtail)
    .addCommand(listing(done, 'event',
      ({ client, factory }) => client.curtailments({ factory })))
    .addCommand(clearing(done, 'event'))
}

async function curtailment(flags: CurtailFlags): Promise<void> {
  if (flags.at !== undefined && flags.notice !== undefined) {
    throw new InputError('--at and --notice both say when; give one.')
  }
  const live = connect(flags)
  const { at } = await factoryOf(live)
  const nowMs = Date.parse(at)
  const noticeMs = spanOf('--notice', flags.notice) ?? 0
  const atMs = flags.at === undefined ? nowMs + noticeMs : readWhen('--at', flags.at, nowMs)
  const target = targetOf(flags.target)
  const forMs = spanOf('--for', flags.for)!
  const body: NewCurtailment = {
    ...target, forMs,
    ...flags.at === undefined ? { noticeMs } : { at: new Date(atMs).toISOString() },
    ...flags.feeder === undefined ? {} : { feeder: flags.feeder },
    rampDownMs: spanOf('--ramp-in', flags.rampIn) ?? 0,
    rampUpMs: spanOf('--ramp-out', flags.rampOut) ?? 0,
    ...flags.baseline === undefined ? {} : { baselineW: readPower('--baseline', flags.baseline) },
    ...flags.cause === undefined ? {} : { cause: flags.cause },
  }
  const answer = await live.client.curtail(body,
    { factory: live.factory, dryRun: flags.dryRun === true })
  if (flags.json === true) return print(`${JSON.stringify(answer)}\n`)
  const what = 'targetW' in target ? `down to ${formatPower(target.targetW)}`
    : `by ${formatRatio(target.cutRatio)}`
  const when = `${what} from ${shownSoon(atMs, nowMs)} for ${formatDuration(forMs)}`
  if ('dryRun' in answer) return print(dryText(`The draw would go ${when}`, answer))
  print(`The draw goes ${when}. ${answer.limit === null ? ''
    : `"millrace event clear ${answer.limit}" takes it back.`}\n`)
}

function targetOf(text: string): { targetW: number } | { cutRatio: number } {
  if (!text.trim().endsWith('%')) return { targetW: readPower('--target', text) }
  const parsed = parseQuantity(text, 'ratio')
  if ('value' in parsed && parsed.value >= 0 && parsed.value <= 1) return { cutRatio: parsed.value }
  throw new InputError(`--target ${text}: use a share from 0% to 100% that is cut, or watts.`)
}

function spanOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const parsed = parseSpan(text)
  if ('problem' in parsed) throw new InputError(`${flag}: ${parsed.problem}; such as 3h or 30m.`)
  return parsed.value
}
