/** Documents with one title and links that lead somewhere; tests that say what they show. */
import { posix } from 'node:path'
import type { Project, Rule, Source, Violation } from './project.ts'

export const firstLines: Rule = {
  name: 'the first line of a test says what it shows',
  check: (project) => project.files.filter(({ path }) => path.endsWith('.test.ts')).flatMap(
    ({ path, lines }) => {
      const isSaid = /^(\/\/|\/\*\*?)(\s+\S+){3,}/.test(lines[0] ?? '')
      const message = 'begin with a comment: what this test shows, and how'
      return isSaid ? [] : [{ path, line: 1, message }]
    },
  ),
  samples: [
    { files: { 'src/a.test.ts': "import 'b'" }, finds: ['src/a.test.ts:1'] },
    { files: { 'src/a.test.ts': '/**\n * Shows that.\n */' }, finds: ['src/a.test.ts:1'] },
    { files: { 'src/a.test.ts': '// A fork does not touch its parent.\n' }, finds: [] },
  ],
}

export const titles: Rule = {
  name: 'a document has one title',
  check: (project) => documents(project).flatMap((file) => {
    const found = prose(file).filter(({ text }) => text.startsWith('# ')).map(({ line }) => line)
    if (found.length === 1) return []
    const message = `${found.length} titles ("# …"); a document has one, on its first line`
    return [{ path: file.path, line: found[1] ?? 1, message }]
  }),
  samples: [
    { files: { 'docs/a.md': '# A\n\n# B\n' }, finds: ['docs/a.md:3'] },
    { files: { 'docs/a.md': 'text\n' }, finds: ['docs/a.md:1'] },
    { files: { 'docs/a.md': '# A\n\n```sh\n# a comment\n```\n' }, finds: [] },
  ],
}

export const links: Rule = {
  name: 'every relative link of a document leads somewhere',
  check: (project) => documents(project).flatMap((file) => checkLinks(project, file)),
  samples: [
    { files: { 'docs/a.md': '# A\n[b](b.md)' }, finds: ['docs/a.md:2'] },
    { files: { 'docs/a.md': '# A\n[b](b.md#c)', 'docs/b.md': '# B' }, finds: ['docs/a.md:2'] },
    { files: { 'docs/a.md': '# A b\n[b](../c.ts) [d](#a-b)', 'c.ts': '' }, finds: [] },
    { files: { 'docs/a.md': '# A\n[b](https://example.org)' }, finds: [] },
    { files: { 'docs/a.md': '# A\n```\n[b](b.md)\n```\n`[c](c)`' }, finds: [] },
    { files: { 'docs/a.md': '# A\n[b](../docs)' }, finds: [] },
  ],
}

function checkLinks(project: Project, file: Source): Violation[] {
  const found: Violation[] = []
  for (const { text, line } of prose(file)) {
    for (const match of text.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)) {
      const message = linkProblem(project, file, match[1]!)
      if (message !== undefined) found.push({ path: file.path, line, message })
    }
  }
  return found
}

function linkProblem(project: Project, file: Source, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? file.path : posix.join(posix.dirname(file.path), path)
  const name = target.replace(/\/$/, '')
  const other = project.byPath.get(name)
  const isFolder = project.files.some((known) => known.path.startsWith(`${name}/`))
  if (other === undefined && !isFolder && name !== 'LICENSE') {
    return `${link} leads nowhere; ${name} does not exist`
  }
  if (anchor === undefined || other === undefined || !name.endsWith('.md')) return undefined
  const isThere = prose(other).some(({ text }) => /^#+ /.test(text) && slug(text) === anchor)
  return isThere ? undefined : `${link}: ${name} has no heading "${anchor}"`
}

/** The anchor that GitHub makes of a heading. */
function slug(heading: string): string {
  const text = heading.replace(/^#+ /, '').trim().toLowerCase()
  return text.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
}

/** Lines outside fenced code. */
function prose(file: Source): { text: string; line: number }[] {
  let isFenced = false
  const found: { text: string; line: number }[] = []
  file.lines.forEach((text, i) => {
    const isFence = /^\s*(```|~~~)/.test(text)
    if (isFence) isFenced = !isFenced
    else if (!isFenced) found.push({ text, line: i + 1 })
  })
  return found
}

function documents(project: Project): Source[] {
  return project.files.filter(({ path }) => /^(docs\/.*|[^/]+)\.md$/.test(path))
}
