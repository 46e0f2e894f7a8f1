/** Comments are sentences that say why: no banners, no old code, no loose ends. */
import { isCode, type Rule, type Source, type Violation } from './project.ts'
import type { Token } from './scan.ts'

const BANNER = /[-=*#~_─═]{4,}$|^[-=*#~_─═]{4,}/
const LOOSE_END = /\b(TODO|FIXME|XXX|HACK)\b/

/** What a line of prose never looks like. */
const OLD_CODE: readonly RegExp[] = [
  /^(export )?(const|let|var) [\w{[][\w, ]*[\]}]?(: [^=]+)? = /,
  /^(import|export) .* from ['"]/,
  /^(export )?(async )?function \w+\(/,
  /^(if|for|while|switch) \(.*\) *(\{|\w.*[;)])$/,
  /^(return|throw new|await) [\w.]+\(.*\);?$/,
  /^(return|break|continue)\b.*;$/,
  /^[\w.]+\(.*\);$/,
  /^[a-z]\w*(\.\w+)+\(.*\)$/,
  /^[\w.[\]]+ [-+*/]?= .*;$/,
  /^\w+(\.\w+|\[\w+\])+ [-+]?= /,
  /^\}( else.*)?[;)]*$/,
]

export const comments: Rule = {
  name: 'no banners, no commented-out code, no TODO without an issue number',
  check: (project) => project.files.filter(isCode).flatMap(checkFile),
  samples: [
    { files: { 'src/base/a.ts': '// ------ state ------' }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': '/*********\n * State *\n */' }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': '// TODO: later' }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': '\n// TODO #12: later' }, finds: [] },
    { files: { 'src/base/a.ts': '// const a = f(1)' }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': '// if (a) {\n//   b()\n// }' }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': '// state.grantW[a] += 1' }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': "let s = '// TODO ------'" }, finds: [] },
    { files: { 'src/base/a.ts': '// For each job (even a big one), return to zero.' }, finds: [] },
    { files: { 'src/base/a.ts': '// log(m) = 2 artanh((m-1)/(m+1)); |s| <= 0.172.' }, finds: [] },
  ],
}

function checkFile(file: Source): Violation[] {
  const found: Violation[] = []
  let lastLine = -Infinity
  for (const token of file.tokens) {
    if (token.kind !== 'comment') continue
    textOf(token).forEach((text, i) => {
      const line = token.line + i
      const message = problem(text, token)
      if (message === undefined) return
      // One report for a run of lines: "commented-out code" is one thing.
      if (line > lastLine + 2) found.push({ path: file.path, line, message })
      lastLine = line
    })
  }
  return found
}

function problem(text: string, token: Token): string | undefined {
  if (BANNER.test(text)) return 'no banners; split the file instead'
  if (LOOSE_END.test(text) && !/#\d+/.test(text)) return 'a TODO needs an issue number, as #12'
  if (token.text.startsWith('/**')) return undefined
  const isOld = OLD_CODE.some((pattern) => pattern.test(text))
  return isOld ? 'looks like commented-out code; delete it, git keeps it' : undefined
}

/** The lines of a comment without its frame. */
function textOf(token: Token): string[] {
  if (token.text.startsWith('//')) return [token.text.slice(2).trim()]
  const inner = token.text.replace(/^\/\*\*?/, '').replace(/\*\/$/, '')
  return inner.split('\n').map((line) => line.replace(/^\s*\*? ?/, '').trim())
}
