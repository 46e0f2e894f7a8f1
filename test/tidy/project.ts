/** What the rules read: every text file of the project, scanned once. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf, scan, type Token } from './scan.ts'

export type Source = {
  /** From the root of the project, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly lines: readonly string[]
  /** Empty for what is not TypeScript or JavaScript. */
  readonly tokens: readonly Token[]
  /** Tokens without comments. */
  readonly code: readonly Token[]
}

export type Project = {
  readonly files: readonly Source[]
  readonly byPath: ReadonlyMap<string, Source>
}

/** What is wrong, where, and what to do instead. */
export type Violation = { readonly path: string; readonly line: number; readonly message: string }

/** A small project, and the places ("path:line") at which the rule must find something. */
export type Sample = {
  readonly files: Readonly<Record<string, string>>
  readonly finds: readonly string[]
}

export type Rule = {
  readonly name: string
  readonly check: (project: Project) => readonly Violation[]
  readonly samples: readonly Sample[]
}

const LEFT_OUT = /^(node_modules|out|dist|\.git)$|\.partial-/
const TEXT = /(?:\.(?:ts|mjs|js|md|json|ya?ml|css|html|svelte|sh)|(?:^|\/)(?:\.npmrc|\.ci\/run))$/
/** Known to be there, so that documents may show them; not read. */
const PICTURE = /\.png$/
const CODE = /\.(?:ts|mjs|js)$/
/** Data, not text that people write: only its size would be read. */
const DATA_BYTES = 1 << 20

export function readProject(root: string): Project {
  const texts: Record<string, string> = {}
  for (const path of walk(root, '')) {
    const text = PICTURE.test(path) ? '' : readFileSync(join(root, path), 'utf8')
    if (text.length <= DATA_BYTES) texts[path] = text
  }
  return projectOf(texts)
}

export function projectOf(texts: Readonly<Record<string, string>>): Project {
  const files = Object.entries(texts).map(([path, text]) => sourceOf(path, text))
  return { files, byPath: new Map(files.map((file) => [file.path, file])) }
}

export function isCode(file: Source): boolean {
  return CODE.test(file.path)
}

export function isTypeScript(file: Source): boolean {
  return file.path.endsWith('.ts')
}

function sourceOf(path: string, text: string): Source {
  const tokens = CODE.test(path) ? scan(text) : []
  return { path, text, lines: text.split('\n'), tokens, code: codeOf(tokens) }
}

function walk(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  const paths: string[] = []
  for (const entry of entries) {
    if (LEFT_OUT.test(entry.name)) continue
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) paths.push(...walk(root, path))
    else if (entry.isFile() && (TEXT.test(path) || PICTURE.test(path))) paths.push(path)
  }
  return paths
}
