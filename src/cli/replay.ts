import { Command } from 'commander'
import { replay } from '../journal/replay.ts'
import { JournalReader } from '../journal/reader.ts'
import { policiesOf } from '../policies/index.ts'
import { compileDocument } from '../run/factory-file.ts'
import { formatCount } from '../base/units.ts'
import { print } from './print.ts'

export function replayCommand(done: (exitCode: number) => void): Command {
  return new Command('replay')
    .summary('rebuild the state of a run from its journal and compare')
    .description('Rebuilds the final state from a journal and compares its hash with the one that '
      + 'the run recorded. Policies do not run; with --verify they do, and must decide the same.')
    .argument('<journal>', 'journal.mrj of a run')
    .option('--verify', 'run the policies as well and demand the same decisions')
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', '\nExample:\n  millrace replay out/colossus/journal.mrj --verify')
    .action((path: string, flags: { verify?: true, json?: true }) => {
      done(run(path, flags))
    })
}

function run(path: string, flags: { verify?: true, json?: true }): number {
  const reader = new JournalReader(path)
  const plant = compileDocument(reader.header.factory)
  const { policies } = policiesOf(reader.header.policies)
  const replayed = replay(reader, plant, flags.verify === true ? policies : undefined)
  reader.close()
  const { state, stateHash, expectedHash, journalHash } = replayed
  // A repaired journal has lost its end, and with it what to compare with.
  const isRepaired = expectedHash === ''
  const isSame = stateHash === expectedHash
  const verdict = isRepaired ? 'the journal was repaired, so there is no hash to compare with'
    : `the run recorded ${expectedHash}: ${isSame ? 'the same' : 'DIFFERENT'}`
  const verified = flags.verify === true
  if (flags.json === true) {
    print(`${JSON.stringify({
      events: state.totals.events, atMs: state.totals.nowMs, stateHash, expectedHash, journalHash,
      same: isSame, verified,
    })}\n`)
  } else {
    print(
      `${formatCount(state.totals.events)} events give the state ${stateHash}; ${verdict}.\n`
      + (verified ? 'The policies decided the same.\n' : '')
      + `Journal ${journalHash}\n`)
  }
  return isSame || isRepaired ? 0 : 3
}
