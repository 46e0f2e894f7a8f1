/** Imports point down only, and peers of one level stay apart. */
import { importsOf } from './imports.ts'
import { isCode, type Project, type Rule, type Source, type Violation } from './project.ts'

const LEVELS: readonly (readonly string[])[] = [
  ['base'],
  ['model'],
  ['catalog'],
  ['training', 'workload', 'supply'],
  ['core'],
  ['policies'],
  ['engines', 'grid', 'journal', 'traces'],
  ['run'],
  ['plan'],
  ['api'],
  ['cli'],
]

/** Below it, and still not for it: a policy that could see a profile could cheat. */
const APART: Readonly<Record<string, readonly string[]>> = {
  core: ['workload', 'supply'],
  policies: ['workload', 'supply'],
}

export const layers: Rule = {
  name: 'imports point down only',
  check: (project) => project.files.filter(isCode).flatMap((file) => checkFile(project, file)),
  samples: [
    { files: pair('src/core/a.ts', '../policies/b.ts'), finds: ['src/core/a.ts:1'] },
    { files: pair('src/core/a.ts', '../workload/b.ts'), finds: ['src/core/a.ts:1'] },
    { files: pair('src/traces/a.ts', '../journal/b.ts'), finds: ['src/traces/a.ts:1'] },
    { files: pair('src/core/a.ts', '../../test/b.ts'), finds: ['src/core/a.ts:1'] },
    { files: pair('src/odd/a.ts', '../base/b.ts'), finds: ['src/odd/a.ts:1'] },
    { files: { 'src/base/a.ts': "import b from './missing.ts'" }, finds: ['src/base/a.ts:1'] },
    { files: pair('src/core/a.test.ts', '../../test/b.ts'), finds: [] },
    { files: pair('src/core/a.test.ts', '../policies/b.ts'), finds: ['src/core/a.test.ts:1'] },
    { files: pair('src/run/a.ts', '../core/b.ts'), finds: [] },
  ],
}

function pair(from: string, specifier: string): Record<string, string> {
  const target = specifier.replace('../../', '').replace('../', 'src/')
  return { [from]: `import { b } from '${specifier}'`, [target]: 'export const b = 1' }
}

function checkFile(project: Project, file: Source): Violation[] {
  const found: Violation[] = []
  const folder = folderOf(file.path)
  for (const { target, line } of importsOf(file)) {
    const message = targetProblem(project, file, target) ?? problem(file.path, folder, target)
    if (message !== undefined) found.push({ path: file.path, line, message })
  }
  return found
}

function targetProblem(project: Project, file: Source, target: string): string | undefined {
  if (!/^[^@].*\/.*\.(ts|mjs|js)$/.test(target) || !isOurs(target)) return undefined
  if (project.byPath.has(target) || file.path.startsWith('test/')) return undefined
  return `${target} does not exist; create it or correct the path`
}

function isOurs(target: string): boolean {
  return /^(src|test|bench|bin|web|examples)\//.test(target)
}

function problem(path: string, folder: string | undefined, target: string): string | undefined {
  if (folder === undefined || !isOurs(target)) return undefined
  const own = levelOf(folder)
  if (own < 0) return `folder src/${folder} has no level; give it one in test/tidy/layers.ts`
  const other = folderOf(target)
  if (other === undefined) {
    const mayImport = path.endsWith('.test.ts') && target.startsWith('test/')
    return mayImport ? undefined : `${target} is outside src; only test files import from test/`
  }
  if (other === folder) return undefined
  const level = levelOf(other)
  if (level < 0) return `folder src/${other} has no level; give it one in test/tidy/layers.ts`
  if (level > own) return `${folder} is below ${other}; move what is shared down, or hand it in`
  if (level === own) return `${folder} and ${other} are peers; compose them one level up`
  const apart = APART[folder]?.includes(other) === true && !path.endsWith('.test.ts')
  return apart ? `${folder} never sees ${other}; run/compose.ts hands it in` : undefined
}

function folderOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1]
}

function levelOf(folder: string): number {
  return LEVELS.findIndex((level) => level.includes(folder))
}
