import { Command } from 'commander'
import { nearestWord } from '../base/text.ts'
import { catalogueRows, loadCatalogue } from '../catalog/catalogue.ts'
import { InputError } from '../model/index.ts'
import { print } from './print.ts'

export function catalogCommand(done: (exitCode: number) => void): Command {
  const listing = new Command('list')
    .description('Lists the devices, systems, failure classes and utility rules of the catalogue.')
    .addHelpText('after', '\nExample:\n  millrace catalog list')
    .action(() => {
      const names = [...new Set(catalogueRows(loadCatalogue()).map((row) => row.of))]
      print(`${names.join('\n')}\n`)
      done(0)
    })
  const showing = new Command('show')
    .description('Shows each number of one entry with its evidence and source.')
    .argument('<name>', 'a name of "millrace catalog list"')
    .option('--json', 'print the rows as JSON')
    .addHelpText('after', '\nExample:\n  millrace catalog show H100')
    .action((name: string, flags: { json?: true }) => {
      show(name, flags.json === true)
      done(0)
    })
  return new Command('catalog')
    .summary('list the catalogue, or show an entry with its sources')
    .description('The facts that Millrace knows, each with its source.')
    .addHelpText('after', '\nExample:\n  millrace catalog show H100')
    .addCommand(listing)
    .addCommand(showing)
}

function show(name: string, isJson: boolean): void {
  const all = catalogueRows(loadCatalogue())
  const rows = all.filter((row) => row.of.toLowerCase() === name.toLowerCase())
  if (rows.length === 0) {
    const near = nearestWord(name, [...new Set(all.map((row) => row.of))])
    throw new InputError(`The catalogue has no ${name}${near === undefined ? '' : `; did you mean ${
      near}?`} "millrace catalog list" names all.`)
  }
  if (isJson) {
    print(`${JSON.stringify(rows, undefined, 2)}\n`)
    return
  }
  const width = Math.max(...rows.map((row) => row.key.length))
  print(`${rows[0]!.of}\n`)
  for (const row of rows) {
    print(`  ${row.key.padEnd(width)}  ${String(row.value).padStart(16)}  `
      + `${row.evidence}: ${row.source}\n`)
  }
}
