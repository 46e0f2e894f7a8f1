/** The part of TypeScript that is used. */
import { isTypeScript, type Rule, type Source, type Violation } from './project.ts'
import type { Token } from './scan.ts'

export const language: Rule = {
  name: 'no any, enum, namespace, default export, decorator or @ts-ignore',
  check: (project) => project.files.filter(isTypeScript).flatMap(checkFile),
  samples: [
    { files: { 'src/base/a.ts': 'let a: any' }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': 'let a: Map<string, any>' }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': '\nconst a = b as any' }, finds: ['src/base/a.ts:2'] },
    { files: { 'src/base/a.ts': 'export enum A { b }' }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': 'namespace A { }' }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': 'export default 1' }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': 'export { a as default }' }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': '@sealed class A { }' }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': '// @ts-ignore' }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': "a.any(x); let s = ': any @x' // any enum" }, finds: [] },
    { files: { 'src/base/a.ts': 'const a = { any: 1, enum: 2 }; z.enum(b)' }, finds: [] },
  ],
}

function checkFile(file: Source): Violation[] {
  const found: Violation[] = []
  const report = (line: number, message: string): void => {
    found.push({ path: file.path, line, message })
  }
  file.code.forEach((token, i) => {
    const message = problem(file.code, i, token)
    if (message !== undefined) report(token.line, message)
  })
  for (const { kind, text, line } of file.tokens) {
    if (kind !== 'comment' || !/@ts-(ignore|nocheck)/.test(text)) continue
    report(line, 'no @ts-ignore; correct the type, or @ts-expect-error with the reason')
  }
  return found
}

function problem(code: readonly Token[], i: number, token: Token): string | undefined {
  const before = code[i - 1]
  const after = code[i + 1]
  if (token.text === '@' && token.kind === 'mark') return 'no decorators; call a function'
  if (token.kind !== 'word') return undefined
  const isDeclared = after?.kind === 'word' && code[i + 2]?.text === '{'
  switch (token.text) {
    case 'any':
      return isType(before, after) ? 'no any; say what it is, or unknown' : undefined
    case 'enum':
      return isDeclared ? 'no enum; a const object or a union of strings' : undefined
    case 'namespace':
    case 'module':
      return isDeclared ? 'no namespaces; a file is one already' : undefined
    case 'default':
      return isExport(before, after) ? 'no default exports; give it a name' : undefined
    default:
      return undefined
  }
}

function isExport(before: Token | undefined, after: Token | undefined): boolean {
  if (before?.text === 'export') return true
  return before?.text === 'as' && /^[,}]$/.test(after?.text ?? '')
}

function isType(before: Token | undefined, after: Token | undefined): boolean {
  if (/^(:|\(|\?|\.)$/.test(after?.text ?? '')) return false
  return /^(:|<|\||&|as|,|=>|extends)$/.test(before?.text ?? '')
}
