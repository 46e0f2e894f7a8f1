import { cut, shown, widthOf } from './text.ts'

export type Column<Row> = {
  readonly head: string
  /** Numbers stand right, words left. */
  readonly align?: 'right'
  /** May be cut where the line is too long; the last one that may goes first. */
  readonly mayCut?: true
  readonly of: (row: Row) => string
}

/** A column is not cut below this. */
const LEAST = 8

const GAP = '  '

/**
 * A table with a line of heads, as wide as `width` at most where columns may be cut; Infinity for
 * a pipe. Text of others is shown with what would move the cursor escaped.
 */
export function table<Row>(
  columns: readonly Column<Row>[], rows: readonly Row[], width: number): string {
  const cells = rows.map((row) => columns.map((column) => shown(column.of(row))))
  const widths = columns.map((column, at) =>
    Math.max(widthOf(column.head), ...cells.map((line) => widthOf(line[at]!))))
  let over = widths.reduce((sum, each) => sum + each, GAP.length * (columns.length - 1)) - width
  for (let at = columns.length - 1; at >= 0 && over > 0; at--) {
    if (columns[at]!.mayCut !== true) continue
    const less = Math.min(over, Math.max(0, widths[at]! - LEAST))
    widths[at]! -= less
    over -= less
  }
  const line = (texts: readonly string[]) => texts.map((text, at) =>
    padded(cut(text, widths[at]!), widths[at]!, columns[at]!.align)).join(GAP).trimEnd()
  return [line(columns.map(({ head }) => head)), ...cells.map(line)].map((each) => `${each}\n`)
    .join('')
}

function padded(text: string, width: number, align: 'right' | undefined): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'right' ? space + text : text + space
}

/** Columns of the terminal; Infinity where the output is no terminal, so that nothing is cut. */
export function terminalWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns : Infinity
}
