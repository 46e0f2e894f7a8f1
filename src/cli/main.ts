import { Command, CommanderError } from 'commander'
import { InputError } from '../model/index.ts'
import { VERSION } from '../run/version.ts'
import { catalogCommand } from './catalog.ts'
import { demoCommand } from './demo.ts'
import { factoryCommand } from './factory.ts'
import { journalCommand } from './journal.ts'
import { expectErrors, isBrokenPipe, print } from './print.ts'
import { powerCommand } from './power.ts'
import { replayCommand } from './replay.ts'
import { rulesCommand } from './rules.ts'
import { twinCommand } from './twin.ts'
import { waveformCommand } from './waveform.ts'
import { whatifCommand } from './whatif.ts'
import { whyCommand } from './why.ts'

/** Exit codes, as `--help` and docs/outputs.md tell them. */
const EXIT = { ok: 0, bug: 1, usage: 2 } as const

const EPILOGUE = `
Examples:
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
  4  something outside failed, such as a full disk
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
    .showHelpAfterError('(millrace --help shows the commands)')
    .exitOverride()
    .configureOutput({ writeOut: print })
  const commands = [
    demoCommand(done), twinCommand(done), whyCommand(done), whatifCommand(done), powerCommand(done),
    replayCommand(done), journalCommand(done), factoryCommand(done), catalogCommand(done),
    rulesCommand(done), waveformCommand(done),
  ]
  for (const command of commands) program.addCommand(override(command))
  expectErrors()
  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (error instanceof InputError) {
      process.stderr.write(`${error.message}\n`)
      return error.exitCode
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
