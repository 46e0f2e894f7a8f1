import { Command } from 'commander'
import { replay, type Replayed } from '../journal/replay.ts'
import type { JournalSource } from '../journal/source.ts'
import { openJournal } from '../journal/live-reader.ts'
import { policiesOf } from '../policies/index.ts'
import { compileDocument } from '../run/factory-file.ts'
import { formatCount } from '../base/units.ts'
import { print } from './print.ts'

export function replayCommand(done: (exitCode: number) => void): Command {
  return new Command('replay')
    .summary('rebuild the state of a run from its journal and compare')
    .description('Rebuilds the final state from a journal and compares its hash with the one that '
      + 'the run recorded. Policies do not run; with --verify they do, and must decide the same.')
    .argument('<journal>', 'journal.mrj of a run, or the folder of a live factory')
    .option('--verify', 'run the policies as well and demand the same decisions')
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', '\nExample:\n  millrace replay out/colossus/journal.mrj --verify')
    .action((path: string, flags: { verify?: true, json?: true }) => {
      done(run(path, flags))
    })
}

function run(path: string, flags: { verify?: true, json?: true }): number {
  const reader = openJournal(path)
  const plant = compileDocument(reader.header.factory)
  const { policies } = policiesOf(reader.header.policies)
  const replayed = replay(reader, plant, flags.verify === true ? policies : undefined)
  reader.close()
  const { state, stateHash, expectedHash, journalHash } = replayed
  const isSame = stateHash === expectedHash
  const nothing = nothingToCompare(replayed, reader)
  const verdict = nothing === ''
    ? `the run recorded ${expectedHash}: ${isSame ? 'the same' : 'DIFFERENT'}`
    : `${nothing}, so there is no hash to compare with`
  const verified = flags.verify === true
  if (flags.json === true) {
    print(`${JSON.stringify({
      events: state.totals.events, atMs: state.totals.nowMs, stateHash, expectedHash, journalHash,
      same: nothing === '' ? isSame : null, verified,
    })}\n`)
  } else {
    print(
      `${formatCount(state.totals.events)} events give the state ${stateHash}; ${verdict}.\n`
      + (verified ? 'The policies decided the same.\n' : '')
      + `Journal ${journalHash}\n`)
  }
  return isSame || nothing !== '' ? 0 : 3
}

/** Why there is no hash to compare the state with; '' where there is one. */
function nothingToCompare(
  { expectedHash, isComparable }: Replayed, { isLive, header }: JournalSource): string {
  if (isLive) return 'the journal of a live factory has no end yet'
  // A repaired journal has lost its end.
  if (expectedHash === '') return 'the journal was repaired'
  if (isComparable) return ''
  return `the journal has format ${header.format}, whose states had other columns`
}
