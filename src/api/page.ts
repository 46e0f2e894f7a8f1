import { ProblemError } from './problem.ts'

/** A cursor is a whole number: the id of the last entry of the page before. */
export function cursorOf(text: string | undefined, first: number): number {
  if (text === undefined) return first
  if (/^[0-9]{1,16}$/.test(text)) return Number(text)
  throw new ProblemError('bad-request', `query.cursor: ${JSON.stringify(text.slice(0, 40))} is no `
    + 'cursor of this list.', { need: 'the next of the page before', have: text.slice(0, 40),
    remedy: 'Begin without a cursor, and follow the next of each page.' })
}

/** Ids that pass, from one on, up to `limit` of them, and the cursor of the next page. */
export function pageOfIds(
  from: number, end: number, limit: number, isWanted: (id: number) => boolean,
): { readonly ids: readonly number[], readonly next: string | null } {
  const ids: number[] = []
  for (let id = from; id < end; id++) {
    if (!isWanted(id)) continue
    if (ids.length === limit) return { ids, next: `${ids.at(-1)!}` }
    ids.push(id)
  }
  return { ids, next: null }
}
