// Tables fit the terminal, with numbers to the right; text of others cannot move the cursor.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { table, type Column } from './table.ts'
import { cut, shown, widthOf } from './text.ts'

type Row = { readonly number: number, readonly name: string, readonly says: string }

const COLUMNS: readonly Column<Row>[] = [
  { head: 'JOB', align: 'right', of: (row) => `${row.number}` },
  { head: 'NAME', mayCut: true, of: (row) => row.name },
  { head: 'WHY', mayCut: true, of: (row) => row.says },
]

const ROWS: readonly Row[] = [
  { number: 7, name: '학습-작업', says: 'It waits for 8 GPUs.' },
  { number: 4711, name: 'pretrain', says: 'It waits for 12.5 MW at the feeder of hall 2.' },
]

test('as wide as it needs in a pipe', () => {
  equal(table(COLUMNS, ROWS, Infinity), `\
 JOB  NAME       WHY
   7  학습-작업  It waits for 8 GPUs.
4711  pretrain   It waits for 12.5 MW at the feeder of hall 2.
`)
})

test('the last column is cut first, then the others', () => {
  equal(table(COLUMNS, ROWS, 34), `\
 JOB  NAME       WHY
   7  학습-작업  It waits for 8 G…
4711  pretrain   It waits for 12.…
`)
  equal(table(COLUMNS, ROWS, 20).split('\n')[2], '4711  pretrain  It wait…')
})

test('without rows there is the line of heads', () => {
  equal(table(COLUMNS, [], 80), 'JOB  NAME  WHY\n')
})

test('what would move the cursor or turn the line is shown as what it is', () => {
  deepEqual(['a\x1b[2Jb', 'x\r\ny', 'évil\u202etxt', 'tab\t'].map(shown),
    ['a\\x1b[2Jb', 'x\\x0d\\x0ay', 'évil\\u{202e}txt', 'tab\\x09'])
})

test('widths of letters, marks and emoji', () => {
  deepEqual(['abc', '학습', 'e\u0301', '⚡', '🔥'].map(widthOf), [3, 4, 1, 1, 2])
  deepEqual([cut('학습작업', 5), cut('abc', 3), cut('abc', 2), cut('abc', 0)],
    ['학습…', 'abc', 'a…', ''])
})
