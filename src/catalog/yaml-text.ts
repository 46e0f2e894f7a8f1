import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Document, Node } from 'yaml'
import type { Path, Problem } from './problem.ts'
import { InputError } from '../model/error.ts'

export type YamlText = {
  /** Plain JSON. */
  readonly value: unknown
  /** All problems in the order of their places, one a line: `FILE:LINE:COL: message`. */
  readonly error: (problems: readonly Problem[]) => InputError
  /** The line on which a path is written, from 1. */
  readonly lineOf: (path: Path) => number
}

/**
 * Reads YAML and remembers where everything is written. Throws on its own mistakes; `needed` says
 * what an empty file lacks.
 */
export function readYaml(text: string, path: string, needed: string): YamlText {
  const lines = new LineCounter()
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${path}:${Math.max(1, line)}:${Math.max(1, col)}`
  }
  const document = attempt(path, () =>
    parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true }))
  if (document.errors.some((error) => error.message.includes('call stack'))) throw tooDeep(path)
  if (document.errors.length > 0) {
    const found = document.errors.slice(0, MAX_PROBLEMS)
      .map((error) => `${place(error.pos[0])}: ${sentence(error.code, error.message)}`)
    throw new InputError(found.join('\n'))
  }
  if (document.contents === null) {
    throw new InputError(`${path}:1:1: the file is empty; ${needed} would do`)
  }
  const value: unknown = attempt(path, () => document.toJS({ maxAliasCount: MAX_ALIASES }))
  return {
    value,
    error: (problems) => placed(document, problems, place),
    lineOf: (at) => Math.max(1, lines.linePos(offsetOf(document, at, false)).line),
  }
}

function placed(
  document: Document.Parsed, problems: readonly Problem[], place: (offset: number) => string,
): InputError {
  const found = problems.map((one) =>
    ({ offset: offsetOf(document, one.path, one.ofKey), message: one.message }))
  found.sort((a, b) => a.offset - b.offset)
  const texts = found.map((one) => `${place(one.offset)}: ${one.message}`)
  const lines = [...new Set(texts)]
  if (lines.length > MAX_PROBLEMS) {
    lines.splice(MAX_PROBLEMS, Infinity, `… and ${lines.length - MAX_PROBLEMS} more`)
  }
  return new InputError(lines.join('\n'))
}

/** Where a path is written, or the nearest thing above it that is. */
function offsetOf(document: Document.Parsed, path: Path, ofKey: boolean): number {
  let node: Node | undefined = document.contents ?? undefined
  let offset = node?.range?.[0] ?? 0
  path.forEach((key, depth) => {
    const here = isAlias(node) ? node.resolve(document) : node
    if (isMap(here)) {
      const pair = here.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
      const wanted = ofKey && depth === path.length - 1 ? pair?.key : pair?.value ?? pair?.key
      node = wanted as Node | undefined
    } else {
      node = isSeq(here) ? here.items[Number(key)] as Node | undefined : undefined
    }
    offset = node?.range?.[0] ?? offset
  })
  return offset
}

/** The parser's words, which rarely say what would do. */
function sentence(code: string, message: string): string {
  switch (code) {
    case 'DUPLICATE_KEY': return 'the key is there twice; leave one of the two'
    case 'MULTIPLE_DOCS': return 'a second document begins; one in a file would do'
    case 'TAB_AS_INDENT': return 'the line begins with a tab; spaces would do'
    default: return `not YAML: ${message.replace(/\s+/g, ' ').slice(0, MAX_MESSAGE)}`
  }
}

/** Runs what may give up on a hostile text: too many aliases, or nested too deep for the stack. */
function attempt<Result>(path: string, run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(path)
    if (error instanceof ReferenceError) {
      const what = /alias count/.test(error.message)
        ? `its aliases stand for too much; up to ${MAX_ALIASES} would do`
        : `not YAML: ${error.message}`
      throw new InputError(`${path}:1:1: ${what}`)
    }
    throw error
  }
}

function tooDeep(path: string): InputError {
  return new InputError(`${path}:1:1: the file is nested too deep; a few levels would do`)
}

/** Aliases multiply: nine in a row of nine levels are a billion nodes. */
const MAX_ALIASES = 100

/** Enough to mend in one go. */
const MAX_PROBLEMS = 50

const MAX_MESSAGE = 200
