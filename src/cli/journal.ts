import { Command } from 'commander'
import { JournalReader } from '../journal/reader.ts'
import { readWhole } from './options.ts'
import { print } from './print.ts'

export function journalCommand(done: (exitCode: number) => void): Command {
  return new Command('journal')
    .summary('print the events of a journal, or save what is whole of a damaged one')
    .description('Prints a journal as JSON lines: its header, then each record with its time. '
      + 'docs/journal.md describes the format.')
    .argument('<journal>', 'journal.mrj of a run')
    .option('--limit <number>', 'records to print; all if left out')
    .option('--repair <file>', 'copy the whole, sound blocks into a new file instead')
    .addHelpText('after', '\nExample:\n  millrace journal out/colossus/journal.mrj --limit 5')
    .action((path: string, flags: { limit?: string, repair?: string }) => {
      if (flags.repair === undefined) list(path, flags.limit)
      else repair(path, flags.repair)
      done(0)
    })
}

function list(path: string, limitText: string | undefined): void {
  const most = Number.MAX_SAFE_INTEGER
  const limit = limitText === undefined ? most : readWhole('--limit', limitText, 0, most)
  const reader = new JournalReader(path)
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

function repair(path: string, to: string): void {
  const { kept, lost } = JournalReader.repair(path, to)
  print(`${to}: kept ${kept} bytes of whole blocks, left out ${lost} bytes.\n`)
}
