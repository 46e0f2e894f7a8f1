// Columns with some jobs changed equal those that are gathered anew, over random changes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomStream } from '../base/random.ts'
import { columnsOf, type PowerJob } from './allocate-input.ts'
import { appendColumns, NO_COLUMNS, patchColumns } from './allocate-patch.ts'

const random = randomStream(1, 'patch')

function randomJob(): PowerJob {
  const points = 1 + random.below(4)
  const shares = 1 + random.below(3)
  const numbers = (count: number) => Array.from({ length: count }, () => random.below(1000))
  return {
    feeders: numbers(shares), devices: numbers(shares), priority: random.below(5),
    options: {
      grantW: numbers(points), drawW: numbers(points), value: numbers(points),
      canPause: random.below(2) === 0,
    },
  }
}

test('a patch is what columns of all jobs are', () => {
  const rows = new Map<number, PowerJob>()
  let columns = NO_COLUMNS
  for (let round = 0; round < 300; round++) {
    const ids = new Set(Array.from({ length: random.below(12) }, () => random.below(40)))
    const changes = [...ids].toSorted((a, b) => a - b).map((id) => (
      { id, row: random.below(3) === 0 ? undefined : randomJob() }))
    for (const { id, row } of changes) {
      if (row === undefined) rows.delete(id)
      else rows.set(id, row)
    }
    columns = patchColumns(columns, changes)
    const known = [...rows].toSorted(([a], [b]) => a - b)
    assert.deepEqual([...columns.ids], known.map(([id]) => id))
    assert.deepEqual(columns.jobs, columnsOf(known.map(([, row]) => row)))
  }
})

test('jobs are put behind others', () => {
  const some = [randomJob(), randomJob()]
  const more = [randomJob(), randomJob(), randomJob()]
  assert.deepEqual(appendColumns(columnsOf(some), more), columnsOf([...some, ...more]))
  const alone = columnsOf(some)
  assert.equal(appendColumns(alone, []), alone)
})
