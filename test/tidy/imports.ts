/** Reads the imports and exports of a file from its tokens. */
import { posix } from 'node:path'
import type { Source } from './project.ts'
import { closing, type Token } from './scan.ts'

export type Import = {
  /** From the root of the project for a relative import, else as written. */
  readonly target: string
  readonly line: number
  /** Names as the other file exports them; "*" where all of it may be used. */
  readonly names: readonly string[]
}

export type Export = { readonly name: string; readonly line: number; readonly isType: boolean }

/** Imports, re-exports, `import()` and, as a use of the whole, any string that names a file. */
export function importsOf(file: Source): Import[] {
  const found: Import[] = []
  file.code.forEach((token, i) => {
    if (token.kind !== 'string') return
    const specifier = token.text.slice(1, -1)
    const start = clauseStart(file.code, i)
    const isPath = /^\.\.?\/.*\.(ts|mjs|js)$/.test(specifier)
    if (start < 0 && !isPath) return
    const isRelative = specifier.startsWith('.')
    const target = isRelative ? posix.join(posix.dirname(file.path), specifier) : specifier
    const names = start < 0 ? ['*'] : namesIn(file.code.slice(start + 1, i))
    found.push({ target, line: token.line, names })
  })
  return found
}

export function exportsOf(file: Source): Export[] {
  const found: Export[] = []
  const { code } = file
  code.forEach((token, i) => {
    if (token.text !== 'export' || token.kind !== 'word' || code[i - 1]?.text === '.') return
    const rest = code.slice(i + 1, i + 6).map((part) => part.text)
    const words = rest.filter((text) => !/^(async|abstract|declare|\*)$/.test(text))
    const isType = words[0] === 'type' || words[0] === 'interface'
    if (rest[0] === '{' || (rest[0] === 'type' && rest[1] === '{')) {
      found.push(...listed(code, i + rest.indexOf('{') + 1, isType))
    } else if (/^(const|let|class|function|type|interface|enum)$/.test(words[0] ?? '')) {
      found.push({ name: words[1]!, line: token.line, isType })
    }
  })
  return found
}

/** Index of the `import` or `export` whose clause ends in the string at `end`, or -1. */
function clauseStart(code: readonly Token[], end: number): number {
  const before = code[end - 1]?.text
  if (before === 'import') return end - 1
  if (before === '(' && code[end - 2]?.text === 'import') return -1
  if (before !== 'from') return -1
  for (let i = end - 2; i >= 0; i--) {
    const { kind, text } = code[i]!
    if (text === 'import' || text === 'export') return i
    if (kind !== 'word' && !/^[{},*]$/.test(text)) return -1
  }
  return -1
}

function namesIn(clause: readonly Token[]): string[] {
  const texts = clause.map((token) => token.text)
  if (texts.includes('*') || texts.length === 0) return ['*']
  const open = texts.indexOf('{')
  if (open < 0) return ['default']
  const inner = texts.slice(open + 1, texts.lastIndexOf('}')).join(' ')
  return inner
    .split(',')
    .map((part) => part.trim().replace(/^type (?!as\b)/, '').split(' ')[0]!)
    .filter((name) => name !== '')
}

/** `export { a, b as c }` without `from`; with it, the names belong to another file. */
function listed(code: readonly Token[], open: number, isType: boolean): Export[] {
  const end = closing(code, open)
  if (code[end + 1]?.text === 'from') return []
  const found: Export[] = []
  for (let i = open + 1; i < end; i++) {
    const following = code[i + 1]!.text
    if (code[i]!.kind !== 'word' || (following !== ',' && following !== '}')) continue
    found.push({ name: code[i]!.text, line: code[i]!.line, isType })
  }
  return found
}
