/** No file and no export that nothing uses. */
import { ALLOWED_EXPORTS } from './allowed.ts'
import { exportsOf, importsOf } from './imports.ts'
import { isCode, isTypeScript, type Project, type Rule, type Source } from './project.ts'
import type { Violation } from './project.ts'

const ALLOWED_PATH = 'test/tidy/allowed.ts'

export const deadFiles: Rule = {
  name: 'every source file is imported by something',
  check: checkFiles,
  samples: [
    { files: { 'src/core/a.ts': '' }, finds: ['src/core/a.ts:1'] },
    {
      files: { 'src/core/a.ts': '', 'src/core/a.test.ts': "import { a } from './a.ts'" },
      finds: ['src/core/a.ts:1'],
    },
    {
      files: { 'src/core/a.ts': '', 'bin/b.mjs': "import('../src/core/a.ts')" },
      finds: [],
    },
    { files: { 'src/core/a.ts': '', 'test/b.ts': "import '../src/core/a.ts'" }, finds: [] },
  ],
}

function checkFiles(project: Project): Violation[] {
  const used = new Set<string>()
  for (const file of project.files.filter(isCode)) {
    const own = file.path.replace(/\.test\.ts$/, '.ts')
    for (const { target } of importsOf(file)) if (target !== own) used.add(target)
  }
  const message = 'nothing but its own test imports it; use it or delete it'
  return sources(project)
    .filter((file) => !used.has(file.path))
    .map((file) => ({ path: file.path, line: 1, message }))
}

export const deadExports: Rule = {
  name: 'every export is used outside its file',
  check: (project) => checkExports(project, ALLOWED_EXPORTS),
  samples: [
    {
      files: {
        'src/core/a.ts': 'export const a = 1\nexport function b() {}',
        'src/core/c.ts': "import { a } from './a.ts'",
      },
      finds: ['src/core/a.ts:2'],
    },
    {
      files: {
        'src/core/a.ts': 'export type A = 1\nexport type B = A',
        'src/core/c.ts': "import type { B as C } from './a.ts'",
      },
      finds: [],
    },
    {
      files: {
        'src/core/a.ts': 'export const a = 1\nexport const b = 1',
        'src/core/c.ts': "import * as all from './a.ts'\nall.a",
      },
      finds: ['src/core/a.ts:2'],
    },
  ],
}

function checkExports(project: Project, allowed: Readonly<Record<string, string>>): Violation[] {
  const used = usedNames(project)
  const found: Violation[] = []
  const spare = new Set(Object.keys(allowed))
  for (const file of sources(project)) {
    for (const { name, line, isType } of exportsOf(file)) {
      const key = `${file.path}#${name}`
      // A type that its own file uses names a part of something else that is exported.
      if (used.has(key) || (isType && countOf(file, name) > 1)) continue
      if (spare.delete(key)) continue
      const message = `nothing outside uses ${name}; take the export away, or delete it`
      found.push({ path: file.path, line, message })
    }
  }
  if (!project.byPath.has(ALLOWED_PATH)) return found
  for (const key of spare) {
    const message = `${key} needs no permission any more; take it out`
    found.push({ path: ALLOWED_PATH, line: 1, message })
  }
  return found
}

/** "path#name" of all that some other file imports. */
function usedNames(project: Project): Set<string> {
  const used = new Set<string>()
  for (const file of project.files.filter(isCode)) {
    const words = new Set(file.code.map((token) => token.text))
    for (const { target, names } of importsOf(file)) {
      const other = project.byPath.get(target)
      if (other === undefined) continue
      const isAll = names.includes('*')
      const taken = isAll ? exportsOf(other).map((item) => item.name) : names
      for (const name of taken) if (!isAll || words.has(name)) used.add(`${target}#${name}`)
    }
  }
  for (const file of project.files.filter(isCode)) passOn(project, file, used)
  return used
}

/** What is taken from a file that exports all of another is taken from that other. */
function passOn(project: Project, file: Source, used: Set<string>): void {
  for (const { target, names } of importsOf(file)) {
    const other = project.byPath.get(target)
    if (other === undefined || !names.includes('*')) continue
    for (const { name } of exportsOf(other)) {
      if (used.has(`${file.path}#${name}`)) used.add(`${target}#${name}`)
    }
  }
}

function countOf(file: Source, name: string): number {
  return file.code.filter((token) => token.kind === 'word' && token.text === name).length
}

function sources(project: Project): Source[] {
  return project.files.filter(
    ({ path }) => path.startsWith('src/') && path.endsWith('.ts') && !path.endsWith('.test.ts'),
  ).filter(isTypeScript)
}
