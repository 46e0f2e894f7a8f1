/**
 * Splits TypeScript or JavaScript into tokens, far enough to tell code from strings, comments,
 * templates and regular expressions. typescript 7 has no API for that, and the rules need no more.
 */
export type Kind = 'comment' | 'string' | 'template' | 'regex' | 'number' | 'word' | 'mark'

export type Token = {
  readonly kind: Kind
  readonly text: string
  /** Lines of its first and its last character, from 1. */
  readonly line: number
  readonly endLine: number
}

const COMMENT = /\/\/[^\n]*|\/\*[^]*?\*\//y
const SHEBANG = /^#![^\n]*/y
const STRING = /'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"/y
const REGEX = /\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y
const NUMBER = /0[xXbBoO][\da-fA-F_]+n?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d[\d_]*)?n?/y
const WORD = /[#$_\p{L}][$_\p{L}\p{N}]*/uy
const MARK = /\.\.\.|=>|\*\*=?|\?\.(?!\d)|\?\?=?|[=!]==?|&&=?|\|\|=?|[<>]=|[-+*/%]=|\+\+|--|[^]/y
/** The rest of a template up to its end or the next hole. */
const TEMPLATE = /(?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{)/y

/** After these words a slash begins a regular expression, not a division. */
const BEFORE_VALUE = new Set(
  'return typeof case in of delete void throw new else do instanceof yield await'.split(' '),
)

/** All tokens, comments among them; white space is left out. O(length). */
export function scan(text: string): Token[] {
  const tokens: Token[] = []
  /** Depth of braces at which each open hole of a template began. */
  const holes: number[] = []
  let depth = 0
  let at = 0
  let line = 1
  let before: Token | undefined
  while (at < text.length) {
    const symbol = text[at]!
    if (symbol === '\n') line++
    if (/\s/.test(symbol)) {
      at++
      continue
    }
    const inTemplate = symbol === '`' || (symbol === '}' && holes.at(-1) === depth)
    if (inTemplate && symbol === '}') holes.pop()
    const [kind, found] = inTemplate
      ? (['template', symbol + matchAt(TEMPLATE, text, at + 1)] as const)
      : next(text, at, before)
    if (kind === 'template' && found.endsWith('${')) holes.push(depth)
    if (found === '{') depth++
    if (found === '}') depth--
    const endLine = line + (found.split('\n').length - 1)
    const token = { kind, text: found, line, endLine }
    tokens.push(token)
    if (kind !== 'comment') before = token
    line = endLine
    at += found.length
  }
  return tokens
}

/** Tokens without comments. */
export function codeOf(tokens: readonly Token[]): Token[] {
  return tokens.filter((token) => token.kind !== 'comment')
}

/** Index of the bracket that closes the one at `open`, or the last token. */
export function closing(code: readonly Token[], open: number): number {
  let depth = 0
  for (let i = open; i < code.length; i++) {
    const token = code[i]!
    if (token.kind !== 'mark') continue
    if (token.text === '(' || token.text === '[' || token.text === '{') depth++
    if (token.text === ')' || token.text === ']' || token.text === '}') depth--
    if (depth === 0) return i
  }
  return code.length - 1
}

function next(text: string, at: number, before: Token | undefined): readonly [Kind, string] {
  for (const [kind, pattern] of patterns(at, before)) {
    const found = matchAt(pattern, text, at)
    if (found !== '') return [kind, found]
  }
  return ['mark', text[at]!]
}

function patterns(at: number, before: Token | undefined): readonly (readonly [Kind, RegExp])[] {
  const value = before === undefined || takesValue(before)
  return [
    ...(at === 0 ? [['comment', SHEBANG] as const] : []),
    ['comment', COMMENT],
    ['string', STRING],
    ...(value ? [['regex', REGEX] as const] : []),
    ['number', NUMBER],
    ['word', WORD],
    ['mark', MARK],
  ]
}

function takesValue(before: Token): boolean {
  if (before.kind === 'word') return BEFORE_VALUE.has(before.text)
  if (before.kind === 'template') return before.text.endsWith('${')
  return before.kind === 'mark' && !/^[)\]}]$|^\+\+$|^--$/.test(before.text)
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}
