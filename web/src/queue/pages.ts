/**
 * A long list that is read page by page as somebody scrolls, and again where they look. Pages
 * begin at a number, so they keep their place while entries come and go.
 */
export type Numbered = { readonly number: number }

export type Page<Item extends Numbered> =
  { readonly items: readonly Item[], readonly next: string | null }

/** Adds a page, or reads one again: what follows it stays, without what it now holds itself. */
export function withPage<Item extends Numbered>(
  pages: readonly Page<Item>[], at: number, page: Page<Item>): readonly Page<Item>[] {
  // A page that is read again may be the last by now, or reach into the next one.
  const rest = page.next === null ? [] : pages.slice(at + 1)
  return [...pages.slice(0, at), page, ...rest]
}

/** All entries of the pages in their order, each once. O(entries). */
export function rowsOf<Item extends Numbered>(pages: readonly Page<Item>[]): readonly Item[] {
  const seen = new Set<number>()
  return pages.flatMap(({ items }) => items.filter(({ number }) => {
    if (seen.has(number)) return false
    seen.add(number)
    return true
  }))
}

/** Where a page begins: the `next` of the one before; undefined for the first. */
export function cursorOf(
  pages: readonly Page<Numbered>[], at: number): string | undefined {
  return pages[at - 1]?.next ?? undefined
}

/** Page that holds a row. */
export function pageAt(pages: readonly Page<Numbered>[], row: number): number {
  let end = 0
  for (let at = 0; at < pages.length; at++) {
    end += pages[at]!.items.length
    if (row < end) return at
  }
  return Math.max(0, pages.length - 1)
}

export type Window = { readonly first: number, readonly end: number }

/** Rows beyond the edges that are drawn too, so that a fast scroll shows no gap. */
const BEYOND = 8

/** Rows of a list that are to be drawn: all of one height, some more at each side. */
export function windowOf(
  scrolled: number, seen: number, rowHeight: number, rows: number): Window {
  const first = Math.max(0, Math.floor(scrolled / rowHeight) - BEYOND)
  const end = Math.min(rows, Math.ceil((scrolled + seen) / rowHeight) + BEYOND)
  return { first: Math.min(first, end), end }
}
