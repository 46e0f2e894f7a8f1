import { nearestWord } from '../base/text.ts'
import { type Line, shown } from './line.ts'

/** Field of a column by its name, -1 where the file does not have it. */
export type FieldOf = (column: string) => number

/** How a table separates its fields, and what to do about a row that has too many. */
type Dialect = { readonly split: (line: Line) => void; readonly remedy: string }

const COMMAS: Dialect = {
  split: (line) => line.splitCommas(), remedy: 'quote a field that holds a comma',
}

/**
 * Reads a table: its first line names the columns, in any order, and `begin` gets their fields
 * and returns what takes the rows. Beside the required columns a file may have the optional ones,
 * and others only where `optional` is 'any'. Empty lines are passed over.
 */
export function readTable(
  required: readonly string[],
  optional: readonly string[] | 'any',
  begin: (fieldOf: FieldOf, header: Line) => (line: Line) => void,
  dialect = COMMAS,
): (line: Line) => void {
  let columns = 0
  let takeRow: ((line: Line) => void) | undefined
  return (line) => {
    if (line.firstByte() < 0) return
    dialect.split(line)
    if (takeRow === undefined) {
      const found = readHeader(line, required, optional)
      columns = found.length
      takeRow = begin((name) => found.indexOf(name), line)
      return
    }
    if (line.fields !== columns) {
      line.fail(`the row has ${line.fields} fields, the header has ${columns}; ${dialect.remedy}`)
    }
    takeRow(line)
  }
}

function readHeader(
  line: Line, required: readonly string[], optional: readonly string[] | 'any',
): string[] {
  const found: string[] = []
  for (let field = 0; field < line.fields; field++) found.push(line.textAt(field))
  // Unknown names come first, for a misspelt column is the usual reason why one is missing.
  if (optional !== 'any') {
    for (const name of found) checkKnown(line, name, [...required, ...optional])
  }
  const missing = required.filter((name) => !found.includes(name))
  if (missing.length > 0) {
    const noun = missing.length === 1 ? `the column ${missing[0]} is` : `${missing.join(', ')} are`
    line.fail(`${noun} missing; found ${shown(found.join(','))}, needed ${required.join(',')}`)
  }
  for (const [field, name] of found.entries()) {
    if (found.indexOf(name) < field) {
      line.fail(`the column ${shown(name)} is there twice; leave one out`)
    }
  }
  return found
}

function checkKnown(line: Line, name: string, known: readonly string[]): void {
  if (known.includes(name)) return
  const near = nearestWord(name, known)
  const hint = near === undefined ? '' : `, the nearest is ${near}`
  line.fail(`no column is called ${shown(name)}${hint}; the columns are ${known.join(', ')}`)
}
