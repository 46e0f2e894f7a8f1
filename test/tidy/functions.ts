/** Finds the functions of a file and the lines they take. */
import { closing, type Token } from './scan.ts'

export type Span = { readonly name: string; readonly line: number; readonly endLine: number }

const CONTROL = /^(if|for|while|switch|catch|with|await|function)$/
/** After one of these a brace opens a type, not a body. */
const BEFORE_TYPE = /^(:|\||&|<|,|\(|\[|=>|\?|is|extends|keyof|readonly|asserts)$/
/** Calls whose callback only groups tests. */
const GROUPS = /^(describe|suite)$/

/** Declarations, methods, function expressions and arrows with a body in braces. */
export function functionsOf(code: readonly Token[]): Span[] {
  const found: Span[] = []
  for (let i = 0; i < code.length; i++) {
    const head = headAt(code, i)
    if (head === undefined) continue
    const end = closing(code, head.body)
    const span = { name: head.name, line: code[i]!.line, endLine: code[end]!.endLine }
    found.push(span)
  }
  return found
}

type Head = { readonly name: string; readonly body: number }

function headAt(code: readonly Token[], i: number): Head | undefined {
  const token = code[i]!
  const following = code[i + 1]?.text
  if (token.text === '=>' && token.kind === 'mark' && following === '{') {
    return groupOf(code, i) ? undefined : { name: 'arrow function', body: i + 1 }
  }
  if (token.kind !== 'word') return undefined
  if (token.text === 'function') return declared(code, i)
  if (following !== '(' || CONTROL.test(token.text)) return undefined
  return method(code, i)
}

function declared(code: readonly Token[], i: number): Head | undefined {
  let open = i + 1
  while (open < code.length && code[open]!.text !== '(') open++
  const body = bodyAfter(code, closing(code, open))
  const name = code.slice(i + 1, open).find((token) => token.kind === 'word')?.text
  return body < 0 ? undefined : { name: name ?? 'function', body }
}

/** `name(…) {`, which only a method can be; with a return type, where a member can begin. */
function method(code: readonly Token[], i: number): Head | undefined {
  const end = closing(code, i + 1)
  const name = code[i]!.text
  if (/^(function|\*|new|\.|\?\.)$/.test(code[i - 1]?.text ?? '')) return undefined
  if (code[end + 1]?.text === '{') return { name, body: end + 1 }
  if (code[end + 1]?.text !== ':' || !isMemberStart(code, i)) return undefined
  const body = bodyAfter(code, end)
  return body < 0 ? undefined : { name, body }
}

function isMemberStart(code: readonly Token[], i: number): boolean {
  const before = code[i - 1]
  if (before === undefined) return false
  if (/^(private|protected|public|static|override|async|get|set)$/.test(before.text)) return true
  return before.line < code[i]!.line && !/^(\?|:|=>?|&&|\|\||\?\?|\(|\[)$/.test(before.text)
}

/** The brace that opens the body after the parameters that close at `end`, or -1. */
function bodyAfter(code: readonly Token[], end: number): number {
  for (let i = end + 1; i < code.length; i++) {
    const { text } = code[i]!
    if (/^(;|\}|export|const|let|function|import|class)$/.test(text)) return -1
    if (text === '(' || text === '[') i = closing(code, i)
    else if (text === '{' && !BEFORE_TYPE.test(code[i - 1]!.text)) return i
    else if (text === '{') i = closing(code, i)
  }
  return -1
}

function groupOf(code: readonly Token[], arrow: number): boolean {
  for (let i = arrow; i > Math.max(0, arrow - 8); i--) {
    if (GROUPS.test(code[i]!.text)) return true
  }
  return false
}
