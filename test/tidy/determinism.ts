/** What would make two runs of one seed differ, and where it must not be. */
import { isTypeScript, type Rule, type Source, type Violation } from './project.ts'
import type { Token } from './scan.ts'

const DETERMINISTIC =
  /^src\/(base|model|training|workload|supply|core|policies|engines\/(twin|waveform))\//

/** Exact by IEEE 754 or whole-number arithmetic on every engine. */
const EXACT_MATH = new Set(
  `abs ceil clz32 floor fround imul max min round sign sqrt trunc E LN2 LN10 LOG2E LOG10E PI
  SQRT1_2 SQRT2`.split(/\s+/),
)

const CLOCK = 'time is event.atMs'
const ASYNC = 'the core is synchronous; return a value and let run/ wait'
const OUTSIDE = 'hand it in from run/, or make it a report'

const BANNED: Readonly<Record<string, string>> = {
  Date: CLOCK,
  performance: CLOCK,
  Temporal: CLOCK,
  Intl: 'locales differ; base/units.ts prints',
  toLocaleString: 'locales differ; base/units.ts prints',
  localeCompare: 'locales differ; compare with <',
  setTimeout: CLOCK,
  setInterval: CLOCK,
  setImmediate: ASYNC,
  queueMicrotask: ASYNC,
  async: ASYNC,
  await: ASYNC,
  Promise: ASYNC,
  process: OUTSIDE,
  fetch: OUTSIDE,
  crypto: OUTSIDE,
  globalThis: OUTSIDE,
  WeakRef: 'it depends on the garbage collector',
  FinalizationRegistry: 'it depends on the garbage collector',
}

export const determinism: Rule = {
  name: 'nothing that differs between two runs in the deterministic folders',
  check: (project) => project.files.filter(isDeterministic).flatMap(checkFile),
  samples: [
    { files: { 'src/core/a.ts': 'const a = Date.now()' }, finds: ['src/core/a.ts:1'] },
    { files: { 'src/core/a.ts': '\nMath.random()' }, finds: ['src/core/a.ts:2'] },
    { files: { 'src/base/a.ts': 'Math.exp(1) + 2 ** 3' }, finds: ['src/base/a.ts:1'] },
    {
      files: { 'src/engines/twin/a.ts': 'const { pow } = Math' },
      finds: ['src/engines/twin/a.ts:1'],
    },
    { files: { 'src/core/a.ts': "import a from 'node:fs'" }, finds: ['src/core/a.ts:1'] },
    { files: { 'src/policies/a.ts': 'async function f() {}' }, finds: ['src/policies/a.ts:1'] },
    { files: { 'src/supply/a.ts': 'process.env.A' }, finds: ['src/supply/a.ts:1'] },
    { files: { 'src/core/a.ts': "Math.sqrt(2); a.process(b) // Date ** 'x'" }, finds: [] },
    { files: { 'src/core/a.test.ts': 'Date.now()', 'src/cli/a.ts': 'Date.now()' }, finds: [] },
  ],
}

function isDeterministic(file: Source): boolean {
  const { path } = file
  return isTypeScript(file) && DETERMINISTIC.test(path) && !path.endsWith('.test.ts')
}

function checkFile(file: Source): Violation[] {
  const found: Violation[] = []
  const lines = new Set<number>()
  file.code.forEach((token, i) => {
    const message = problem(file.code, i, token)
    // One report a line: one banned word often drags in another.
    if (message === undefined || lines.has(token.line)) return
    lines.add(token.line)
    found.push({ path: file.path, line: token.line, message })
  })
  return found
}

function problem(code: readonly Token[], i: number, token: Token): string | undefined {
  const { kind, text } = token
  const before = code[i - 1]?.text
  const after = code[i + 1]?.text
  if (kind === 'mark' && text.startsWith('**')) return 'no **; multiply, or base/math.ts pow'
  if (kind === 'string' && /^.node:/.test(text)) return `no ${text}; ${OUTSIDE}`
  if (kind !== 'word') return undefined
  if (text === 'Math') {
    const name = code[i + 2]?.text ?? ''
    if (after === '.' && EXACT_MATH.has(name)) return undefined
    return `Math${after === '.' ? `.${name}` : ''} may differ in the last bit; use base/math.ts`
  }
  const isMember = before === '.' || before === '?.' || after === ':' || before === 'type'
  const isMethodName = text === 'toLocaleString' || text === 'localeCompare'
  if (!Object.hasOwn(BANNED, text) || (isMember && !isMethodName)) return undefined
  return `no ${text}; ${BANNED[text]}`
}
