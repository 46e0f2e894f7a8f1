import { Command } from 'commander'
import { formatDuration } from '../base/units.ts'
import { forkState } from '../core/state.ts'
import { openJournal } from '../journal/live-reader.ts'
import { replay } from '../journal/replay.ts'
import { InputError } from '../model/index.ts'
import { arrivalsOf } from '../run/arrivals.ts'
import { change, CHANGES, type World } from '../run/change.ts'
import { compileDocument } from '../run/factory-file.ts'
import { renderWhatIf, verdict, type Story } from '../run/report/what-if.ts'
import { whatIf, type WhatIf } from '../run/whatif.ts'
import { delayHelpers } from './compiler.ts'
import { Interrupt } from './interrupt.ts'
import { withServer, type ServerFlags } from './live/connect.ts'
import { whatIfLive } from './live/questions.ts'
import { readChoice, readDuration, readMoment, readWhole, repeated } from './options.ts'
import { print } from './print.ts'

type WhatIfFlags = ServerFlags & {
  readonly at?: string
  readonly change: readonly string[]
  readonly for: string
  readonly seeds: string
  readonly seed: string
  readonly arrivals: string
  readonly failures: boolean
}

/** A spread needs no more futures, and each costs two runs. */
const SEEDS_MOST = 1000

/** How many --change there may be: each may cost a pass over the state. */
const CHANGES_MOST = 100

export function whatifCommand(done: (exitCode: number) => void): Command {
  const forms = CHANGES.map(({ form, about }) => `  ${form.padEnd(38)}${about}`)
  return withServer(new Command('whatif'))
    .summary('change something in a copy of a factory, and run both ahead')
    .description('Takes the factory of a server as it is now, or of a journal at a moment, changes '
      + 'a copy of it, and runs both ahead on what is known there, with the same chance. Prints '
      + 'the difference.')
    .argument('[journal]', 'journal.mrj of a run; the server that runs if left out')
    .option('--at <time>', 'moment of the journal\'s run: a time since its start such as 3d12h, or '
      + 'end')
    .option('--change <change>', 'what to change; may be repeated, in this order', repeated, [])
    .option('--for <time>', 'how far to look ahead', '7d')
    .option('--seeds <number>', 'futures to look at', '5')
    .option('--seed <number>', 'seed of the first one', '1')
    .option('--arrivals <source>', 'journal: jobs come as the journal has them; none: no more come',
      'journal')
    .option('--no-failures', 'nothing fails from then on')
    .addHelpText('after', `
Changes:
${forms.join('\n')}

Example:
  millrace whatif out/colossus/journal.mrj --at 5d12h --change 'add 40 nodes of dgx-h100'`)
    .action(async (path: string | undefined, flags: WhatIfFlags) => {
      done(await run(path, flags))
    })
}

async function run(path: string | undefined, flags: WhatIfFlags): Promise<number> {
  delayHelpers()
  const forMs = readDuration('--for', flags.for)
  const seeds = readWhole('--seeds', flags.seeds, 1, SEEDS_MOST)
  const seed = readWhole('--seed', flags.seed, 0, Number.MAX_SAFE_INTEGER - SEEDS_MOST)
  const source = readChoice('--arrivals', flags.arrivals, ['journal', 'none'])
  if (flags.change.length === 0 || flags.change.length > CHANGES_MOST) {
    throw new InputError(`--change: give 1 to ${CHANGES_MOST}, such as --change 'add 40 nodes'; `
      + 'millrace whatif --help lists the forms.')
  }
  if (path === undefined) {
    if (flags.at !== undefined) throw new InputError('--at is for a journal: name its file too.')
    await whatIfLive({ changes: flags.change, forMs, seeds, seed, failures: flags.failures }, flags)
    return 0
  }
  if (flags.at === undefined) {
    throw new InputError('--at: say at which moment of the run, such as 3d12h, or end.')
  }
  const untilMs = readMoment('--at', flags.at)
  const interrupt = new Interrupt()
  try {
    const without = journalWorldAt(path, untilMs)
    const { world, story } = changed(without, flags.change)
    const atMs = without.state.totals.nowMs
    const steps = whatIf(without, world, {
      seed, seeds, untilMs: atMs + forMs, failures: flags.failures,
      arrivals: source === 'none' ? [] : arrivalsOf(path, atMs, atMs + forMs),
    })
    for (;;) {
      const step = steps.next()
      await interrupt.breathe()
      if (step.done !== true) continue
      print(flags.json === true ? json(step.value, story) : renderWhatIf(step.value, story))
      return 0
    }
  } finally {
    interrupt.release()
  }
}

/** The factory of a journal at a moment. */
export function journalWorldAt(path: string, untilMs: number): World {
  const reader = openJournal(path)
  try {
    const { state } = replay(reader, compileDocument(reader.header.factory), undefined, untilMs)
    if (untilMs !== Infinity && state.totals.nowMs < untilMs) {
      throw new InputError(`--at: the journal ends before that, at ${
        formatDuration(state.totals.nowMs)}. Write an earlier time, or --at end.`)
    }
    return { state, policies: reader.header.policies }
  } finally {
    reader.close()
  }
}

function changed(without: World, texts: readonly string[]): { world: World, story: Story } {
  let world: World = { ...without, state: forkState(without.state) }
  const story = { doings: [] as string[], notes: [] as string[] }
  for (const text of texts) {
    const { doing, note, ...after } = change(world, text)
    world = after
    story.doings.push(doing)
    if (note !== undefined) story.notes.push(note)
  }
  return { world, story }
}

function json(result: WhatIf, story: Story): string {
  return `${JSON.stringify({ verdict: verdict(result, story), ...story, ...result })}\n`
}
