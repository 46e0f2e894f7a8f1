import { Command, CommanderError } from 'commander'
import { InputError } from '../model/index.ts'
import { VERSION } from '../run/version.ts'
import { ApiError } from '../api/client.ts'
import { catalogCommand } from './catalog.ts'
import { completionCommand } from './completion.ts'
import { demoCommand } from './demo.ts'
import { factoryCommand } from './factory.ts'
import { journalCommand } from './journal.ts'
import { actCommands } from './live/act.ts'
import { backupCommand, restoreCommand } from './live/backup.ts'
import { inputErrorOf } from './live/connect.ts'
import { eventCommand } from './live/event.ts'
import { factoriesCommand } from './live/factories.ts'
import { limitCommand } from './live/limit.ts'
import { logsCommand } from './live/logs.ts'
import { nodeCommands } from './live/node.ts'
import { queueCommand } from './live/queue.ts'
import { showCommand } from './live/show.ts'
import { submitCommand } from './live/submit.ts'
import { tokenCommand } from './live/token.ts'
import { topCommand } from './live/top.ts'
import { upCommand } from './live/up.ts'
import { expectErrors, isBrokenPipe, print } from './print.ts'
import { powerCommand } from './power.ts'
import { replayCommand } from './replay.ts'
import { rulesCommand } from './rules.ts'
import { setCapCommand } from './set-cap.ts'
import { twinCommand } from './twin.ts'
import { waveformCommand } from './waveform.ts'
import { whatifCommand } from './whatif.ts'
import { whyCommand } from './why.ts'

/** Exit codes, as `--help` and docs/outputs.md tell them. */
const EXIT = { ok: 0, bug: 1, usage: 2 } as const

const EPILOGUE = `
Examples:
  millrace up --demo
  millrace submit --cpus 2 -- python3 train.py
  millrace queue
  millrace show 12
  millrace logs -f 12
  millrace top
  millrace cancel 12
  millrace hold 12
  millrace release 12
  millrace requeue 12
  millrace checkpoint 12
  millrace drain hall1/row01/rack03 --reason "leaking cold plate"
  millrace resume hall1/row01/rack03
  millrace limit hall1 20MW --from 18:00 --until 21:00
  millrace limit list
  millrace limit clear 3
  millrace event curtail --target 25% --at 18:00 --for 3h
  millrace event list
  millrace event clear 3
  millrace factories
  millrace token create kim --role submitter --expires 90d
  millrace token list
  millrace token revoke kim
  millrace backup /backup/millrace
  millrace restore /backup/millrace
  millrace completion bash
  millrace demo
  millrace twin examples/colossus/factory.yaml --trace kalos:examples/traces/kalos.csv.gz
  millrace why 4711 --journal out/colossus/journal.mrj --at 36h
  millrace replay out/colossus/journal.mrj --verify
  millrace journal out/colossus/journal.mrj --limit 5
  millrace whatif out/colossus/journal.mrj --at 5d12h --change 'add 40 nodes of dgx-h100'
  millrace power --journal out/colossus/journal.mrj --at 5d12h
  millrace factory check examples/two-sites/factory.yaml
  millrace factory show examples/colossus/factory.yaml
  millrace catalog list
  millrace catalog show H100
  millrace waveform examples/waveform/raw.yaml --out raw.csv
  millrace rules check raw.csv --rule ercot
  millrace rules list
  millrace rules show ieso

Exit codes:
  0  done
  1  a bug of Millrace
  2  a file, an option or a request that it cannot use; the message says what would do
  3  an invariant is broken, a replay differs from its journal, or a check with --strict fails
  4  something outside failed: a disk is full, or no server answers
  128 + n  stopped by signal n: 130 after Ctrl-C`

/** Runs the command line and returns the exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.ok
  const done = (exitCode: number) => { code = exitCode }
  const program = new Command('millrace')
    .description('Control plane, digital twin and planner for AI factories '
      + 'whose limit is electric power.')
    .version(VERSION)
    .addHelpText('after', EPILOGUE)
    .enablePositionalOptions()
    .showHelpAfterError('(millrace --help shows the commands)')
    .exitOverride()
    .configureOutput({ writeOut: print })
  const commands = [
    demoCommand(done), twinCommand(done), whyCommand(done), whatifCommand(done), powerCommand(done),
    replayCommand(done), journalCommand(done), factoryCommand(done), catalogCommand(done),
    rulesCommand(done), waveformCommand(done),
    upCommand(done), submitCommand(done), queueCommand(done), showCommand(done), logsCommand(done),
    topCommand(done), ...actCommands(done), ...nodeCommands(done), limitCommand(done),
    eventCommand(done), factoriesCommand(done), tokenCommand(done), backupCommand(done),
    restoreCommand(done), completionCommand(done, program),
  ]
  for (const command of commands) program.addCommand(override(command))
  program.addCommand(override(setCapCommand(done)), { hidden: true })
  expectErrors()
  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    const told = error instanceof ApiError ? inputErrorOf(error) : error
    if (told instanceof InputError) {
      process.stderr.write(`${told.message}\n`)
      return told.exitCode
    }
    if (isBrokenPipe(error)) return EXIT.ok
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`
      + 'This is a bug of Millrace. Please report it with the command and the text above.\n')
    return EXIT.bug
  }
}

/** Errors of a command, and of those below it, come back as exceptions. */
function override(command: Command): Command {
  command.exitOverride().showHelpAfterError('(--help shows the options)')
    .configureOutput({ writeOut: print })
  for (const below of command.commands) override(below)
  return command
}
