/** Short files, short functions, short lines. */
import { functionsOf } from './functions.ts'
import { isCode, isTypeScript, type Rule, type Source, type Violation } from './project.ts'

/** Nine files in ten of the code that reads best are shorter than this. */
const FILE_LINES = 400
const FUNCTION_LINES = 60
const COLUMNS = 100

export const sizes: Rule = {
  name: `files up to ${FILE_LINES} lines, functions ${FUNCTION_LINES}, lines ${COLUMNS} columns`,
  check: (project) => project.files.filter(isCode).flatMap(checkFile),
  samples: [
    { files: { 'src/base/a.ts': '\n'.repeat(401) }, finds: ['src/base/a.ts:401'] },
    { files: { 'src/base/a.ts': '\n'.repeat(399) }, finds: [] },
    { files: { 'src/base/a.ts': `// ${'x'.repeat(98)}` }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': `// https://${'x'.repeat(98)}` }, finds: [] },
    { files: { 'src/base/a.ts': long('function f(): { a: 1 } {') }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': long('const f = (): X => {') }, finds: ['src/base/a.ts:1'] },
    { files: { 'src/base/a.ts': `class A {\n${long('f(): X {')}\n}` }, finds: ['src/base/a.ts:2'] },
    { files: { 'src/base/a.ts': long('const f = {') }, finds: [] },
    { files: { 'src/base/a.ts': long('if (f(x)) {') }, finds: [] },
  ],
}

function long(head: string): string {
  return `${head}${'\n'.repeat(60)}}`
}

function checkFile(file: Source): Violation[] {
  const { path, lines } = file
  const found: Violation[] = []
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length
  if (count > FILE_LINES) {
    const message = `${count} lines; split it by idea, ${FILE_LINES} at most`
    found.push({ path, line: FILE_LINES + 1, message })
  }
  lines.forEach((text, i) => {
    if (!isTypeScript(file) || text.length <= COLUMNS || text.includes('https://')) return
    const message = `${text.length} columns; break the line, ${COLUMNS} at most`
    found.push({ path, line: i + 1, message })
  })
  for (const { name, line, endLine } of functionsOf(file.code)) {
    const size = endLine - line + 1
    if (size <= FUNCTION_LINES) continue
    const message = `${name} has ${size} lines; split it, ${FUNCTION_LINES} at most`
    found.push({ path, line, message })
  }
  return found
}
