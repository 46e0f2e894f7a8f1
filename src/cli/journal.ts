import { Command } from 'commander'
import { repairStore } from '../journal/copy.ts'
import { exportJournal } from '../journal/export.ts'
import { databaseOf, LiveReader, openJournal } from '../journal/live-reader.ts'
import { JournalReader } from '../journal/reader.ts'
import { InputError } from '../model/index.ts'
import { compileDocument } from '../run/factory-file.ts'
import { readWhole } from './options.ts'
import { print } from './print.ts'

export function journalCommand(done: (exitCode: number) => void): Command {
  return new Command('journal')
    .summary('print the events of a journal, or save what is whole of a damaged one')
    .description('Prints a journal as JSON lines: its header, then each record with its time. '
      + 'docs/journal.md describes the format.')
    .argument('<journal>', 'journal.mrj of a run, or the folder of a live factory')
    .option('--limit <number>', 'records to print; all if left out')
    .option('--repair <file>', 'copy the whole, sound blocks into a new file (of a live factory, '
      + 'a new folder) instead')
    .option('--export <file>', 'write the journal of a live factory into a new file instead')
    .addHelpText('after', '\nExample:\n  millrace journal out/colossus/journal.mrj --limit 5')
    .action(async (path: string, flags: Flags) => {
      if (flags.repair !== undefined) await repair(path, flags.repair)
      else if (flags.export !== undefined) write(path, flags.export)
      else list(path, flags.limit)
      done(0)
    })
}

type Flags = { limit?: string, repair?: string, export?: string }

function list(path: string, limitText: string | undefined): void {
  const most = Number.MAX_SAFE_INTEGER
  const limit = limitText === undefined ? most : readWhole('--limit', limitText, 0, most)
  const reader = openJournal(path)
  print(`${JSON.stringify(reader.header)}\n`)
  let atMs = 0
  let printed = 0
  for (const record of reader.records()) {
    if (printed >= limit) break
    if (record.type === 'turn') {
      atMs = record.atMs
      continue
    }
    print(`${JSON.stringify({ atMs, ...record })}\n`)
    printed++
  }
  reader.close()
}

async function repair(path: string, to: string): Promise<void> {
  const live = databaseOf(path)
  if (live !== undefined) {
    const { lastSeq, lostBlocks } = await repairStore(live, to)
    print(`${to}: kept blocks up to ${lastSeq}, left out ${lostBlocks}.\n`)
    return
  }
  const { kept, lost } = JournalReader.repair(path, to)
  print(`${to}: kept ${kept} bytes of whole blocks, left out ${lost} bytes.\n`)
}

/** A file holds no more than the journal of a run: what is live has specs and audits beside it. */
function write(path: string, to: string): void {
  const live = databaseOf(path)
  if (live === undefined) {
    throw new InputError(`${path}: this is no folder of a live factory; a file needs no --export.`)
  }
  const reader = new LiveReader(live)
  try {
    const { events, stateHash, journalHash } = exportJournal(
      reader, compileDocument(reader.header.factory), to)
    print(`${to}: ${events} events give the state ${stateHash}.\nJournal ${journalHash}\n`)
  } finally {
    reader.close()
  }
}
