/** One place converts units. */
import { isTypeScript, type Rule, type Source, type Violation } from './project.ts'
import type { Token } from './scan.ts'

/** Factors between units of power, time and energy, however they are written. */
const FACTORS = new Set([1e3, 1e6, 1e9, 3600, 3.6e6, 3.6e9, 6e4, 86400, 8.64e7])
const OPERATORS = /^[*/]=?$/

/** Home of the conversions, and the script of a report: it runs in the page and imports nothing. */
const EXEMPT = new Set(['src/base/units.ts', 'src/run/report/browser.ts'])

export const conversions: Rule = {
  name: 'only base/units.ts converts units',
  check: (project) => project.files.filter(isBound).flatMap(checkFile),
  samples: [
    { files: { 'src/core/a.ts': 'const s = ms / 1000' }, finds: ['src/core/a.ts:1'] },
    { files: { 'src/core/a.ts': '\nmw = w/1e6' }, finds: ['src/core/a.ts:2'] },
    { files: { 'src/cli/a.ts': 'ms = 3600 * 1_000 * h' }, finds: ['src/cli/a.ts:1'] },
    { files: { 'src/cli/a.ts': 'ms *= 3_600_000' }, finds: ['src/cli/a.ts:1'] },
    { files: { 'src/base/units.ts': 'ms / 1000', 'src/core/a.test.ts': 'ms / 1000' }, finds: [] },
    { files: { 'src/core/a.ts': 'const limit = 1000; x / 100 // ms / 1000' }, finds: [] },
  ],
}

function isBound(file: Source): boolean {
  const { path } = file
  if (!isTypeScript(file) || !path.startsWith('src/')) return false
  return !EXEMPT.has(path) && !path.endsWith('.test.ts')
}

function checkFile(file: Source): Violation[] {
  const lines = new Set<number>()
  file.code.forEach((token, i) => {
    if (isFactor(token) && isOperand(file.code, i)) lines.add(token.line)
  })
  const message = 'a conversion of units; base/units.ts has it, or add it there'
  return [...lines].map((line) => ({ path: file.path, line, message }))
}

function isFactor({ kind, text }: Token): boolean {
  return kind === 'number' && FACTORS.has(Number(text.replaceAll('_', '')))
}

function isOperand(code: readonly Token[], i: number): boolean {
  const after = code[i + 1]?.text ?? ''
  return OPERATORS.test(code[i - 1]?.text ?? '') || after === '*'
}
