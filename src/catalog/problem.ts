import { assert } from '../base/assert.ts'
import { nearestWord } from '../base/text.ts'
import { parseQuantity } from '../base/units.ts'
import type { Quantity } from '../base/units.ts'

/** Something wrong in a document: where, what was found and what would do. */
export type Problem = {
  /** Keys and indexes from the root of the document. */
  readonly path: Path
  /** Whether the key at the path is meant, not its value. */
  readonly ofKey: boolean
  readonly message: string
}

export type Path = readonly (string | number)[]

export function problem(path: Path, message: string): Problem {
  return { path, ofKey: false, message }
}

/** `; did you mean "x"?`, or nothing where no known word is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearestWord(word.slice(0, MAX_WORD), known)
  return near === undefined ? '' : `; did you mean "${near}"?`
}

/** "a, b, c", or the first few of many. */
export function listed(words: readonly string[]): string {
  const first = words.slice(0, MAX_LISTED).join(', ')
  return words.length > MAX_LISTED ? `${first}, … (${words.length} in all)` : first
}

/** Reads a text that the schema has checked. */
export function quantityOf(text: string, quantity: Quantity): number {
  const parsed = parseQuantity(text, quantity)
  assert('value' in parsed, `the schema let "${text}" through`)
  // 1.005 s is not a whole number of ms as a binary fraction; times in the core are whole.
  return quantity === 'duration' ? Math.round(parsed.value) : parsed.value
}

/** Whole watts, rounded up, or `fallback` where nothing is written. */
export function wattsOf<Fallback>(text: string | undefined, fallback: Fallback): number | Fallback {
  return text === undefined ? fallback : Math.ceil(quantityOf(text, 'power'))
}

/** Longer words are compared by their beginning: edit distance costs the square of the length. */
const MAX_WORD = 80

const MAX_LISTED = 12
