// A list of pages keeps its order and has each entry once while pages are read again; only rows
// near what is seen are drawn. With lists of numbers.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { cursorOf, pageAt, rowsOf, windowOf, withPage, type Page } from './pages.ts'

const page = (numbers: readonly number[], next: string | null): Page<{ number: number }> =>
  ({ items: numbers.map((number) => ({ number })), next })
const numbersOf = (pages: readonly Page<{ number: number }>[]) =>
  rowsOf(pages).map(({ number }) => number)

test('pages are added, and one that is read again reaches into the next', () => {
  let pages = withPage([], 0, page([1, 2, 3], '3'))
  equal(cursorOf(pages, 1), '3')
  equal(cursorOf(pages, 0), undefined)
  pages = withPage(pages, 1, page([4, 5], null))
  deepEqual(numbersOf(pages), [1, 2, 3, 4, 5])
  pages = withPage(pages, 0, page([2, 3, 4], '4'))
  deepEqual(numbersOf(pages), [2, 3, 4, 5])
  deepEqual(numbersOf(withPage(pages, 0, page([3], null))), [3])
  deepEqual([0, 2, 3, 9].map((row) => pageAt(pages, row)), [0, 0, 1, 1])
})

test('of ten thousand rows only those near the view are drawn', () => {
  deepEqual(windowOf(0, 600, 40, 10_000), { first: 0, end: 23 })
  deepEqual(windowOf(4000, 600, 40, 10_000), { first: 92, end: 123 })
  deepEqual(windowOf(4000, 600, 40, 5), { first: 5, end: 5 })
})
