// What the documents say to type works: their commands run in a copy of the project, and their
// factory files and traces are sound. So are the factories of examples/.
import { deepEqual, equal, fail, ok } from 'node:assert/strict'
import {
  cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { batch, newFolder, ROOT, type Done } from './cli/command.ts'

/** A fenced block, with the line of its fence. */
type Block = {
  readonly document: string
  readonly line: number
  readonly language: string
  readonly text: string
  /** Why it is not run, where the line before says so: <!-- not run: reason -->. */
  readonly reason: string
}

/** Commands that something else proves. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'npm ci': '.ci/run begins with it',
  'npm test': 'this is a part of it',
  'npm start': 'test/smoke/main.ts does it',
}

/** What stays out of the copy: it is large, or it is what runs leave. */
const LEFT_OUT = new Set(['node_modules', '.git', 'out', 'dist'])

const { folder, remove } = newFolder()
after(remove)
const copy = join(folder, 'copy')
cpSync(ROOT, copy, {
  recursive: true,
  filter: (path) => path === ROOT || !LEFT_OUT.has(path.slice(ROOT.length + 1)),
})
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))

const documents = ['README.md', ...globSync('*.md', { cwd: ROOT }),
  ...globSync('docs/**/*.md', { cwd: ROOT }).toSorted()]
const blocks = [...new Set(documents)].filter((name) => existsSync(join(ROOT, name)))
  .flatMap(blocksOf)

describe('the commands of', () => {
  const shells = blocks.filter(({ language, reason }) => /^(sh|bash|console)$/.test(language)
    && reason === '')
  for (const document of new Set(shells.map((block) => block.document))) {
    test(document, async () => {
      const own = shells.filter((block) => block.document === document)
      const commands = own.flatMap((block) => commandsOf(block)).map(wordsOf)
      const ours = commands.filter((words) => words !== undefined)
      rmSync(join(copy, 'out'), { recursive: true, force: true })
      check(await batch(copy, ours, copy), ours.map((words) => `millrace ${words.join(' ')}`))
    })
  }
})

test('the factory files of documents and examples are sound', async () => {
  const examples = globSync('examples/*/*.yaml', { cwd: ROOT })
    .filter((name) => !/^examples\/(waveform|scenario)\//.test(name))
  ok(examples.length >= 4)
  const parts = blocks.filter(({ language, text }) => /^ya?ml$/.test(language)
    && /^name:/m.test(text) && /^sites:/m.test(text))
  const files = [...parts.map((block) => written(block, 'yaml')), ...examples.toSorted()]
  check(await batch(copy, files.map((file) => ['factory', 'check', file]), copy), files)
})

test('the traces of documents can be run', async () => {
  const files = blocks.filter(({ language }) => language === 'csv')
    .map((block) => written(block, 'csv'))
  check(await batch(copy, files.map((file) =>
    ['twin', 'examples/colossus/factory.yaml', '--trace', `csv:${file}`]), copy), files)
})

test('the data of documents is well formed', () => {
  for (const { language, text, document, line } of blocks) {
    if (language === 'json') ok(JSON.parse(text) !== undefined, `${document}:${line}`)
  }
})

test('commands of a block are found', () => {
  const text = '$ npx millrace a "b c" \\\n  --d && npm test # e\nprinted\n'
  const block = { document: 'a.md', line: 1, language: 'console', text, reason: '' }
  const commands = commandsOf(block)
  deepEqual(commands.map(({ words }) => words),
    [['npx', 'millrace', 'a', 'b c', '--d'], ['npm', 'test']])
  deepEqual(wordsOf(commands[0]!), ['a', 'b c', '--d'])
  equal(wordsOf(commands[1]!), undefined)
})

function check(all: readonly Done[], names: readonly string[]): void {
  for (const [at, { code, stderr }] of all.entries()) equal(code, 0, `${names[at]}: ${stderr}`)
}

function blocksOf(document: string): Block[] {
  const lines = readFileSync(join(ROOT, document), 'utf8').split('\n')
  const found: Block[] = []
  for (let at = 0; at < lines.length; at++) {
    const fence = /^(```|~~~)(\w*)/.exec(lines[at]!)
    if (fence === null) continue
    const end = lines.indexOf(fence[1]!, at + 1)
    if (end < 0) fail(`${document}:${at + 1}: this block is not closed`)
    const before = lines.slice(0, at).findLast((text) => text.trim() !== '') ?? ''
    found.push({
      document, line: at + 1, language: fence[2]!,
      text: lines.slice(at + 1, end).join('\n'),
      reason: /^<!-- not run: (.+) -->$/.exec(before)?.[1] ?? '',
    })
    at = end
  }
  return found
}

type Spoken = { readonly words: string[], readonly place: string }

/** The commands of a block, as words. In a console block they stand behind "$ ". */
function commandsOf({ document, line, language, text }: Block): Spoken[] {
  const joined = text.replace(/\\\n\s*/g, ' ').split('\n')
  const typed = language !== 'console' ? joined
    : joined.filter((row) => row.startsWith('$ ')).map((row) => row.slice(2))
  return typed.map((row) => row.replace(/(^|\s)#.*$/, '').trim()).filter((row) => row !== '')
    .flatMap((row) => row.split(/\s*&&\s*/))
    .map((row) => ({
      words: [...row.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
        .map((each) => each[1] ?? each[2] ?? each[3]!),
      place: `${document}:${line}`,
    }))
}

/** The parameters of a millrace command; undefined where something else proves the command. */
function wordsOf({ words, place }: Spoken): string[] | undefined {
  const [first, second, ...more] = words
  if (first === 'millrace') return words.slice(1)
  if (first === 'npx' && second === 'millrace') return more
  if (first === 'node' && second === 'bin/millrace.mjs') return more
  if (ELSEWHERE[words.join(' ')] !== undefined) return undefined
  return fail(`${place}: nothing proves "${words.join(' ')}"; make it a millrace command, or put `
    + '<!-- not run: reason --> before the block')
}

/** Writes a block into the copy, and says where. */
function written({ document, line, text }: Block, ending: string): string {
  mkdirSync(join(copy, 'blocks'), { recursive: true })
  const file = `blocks/${basename(document)}-${line}.${ending}`
  writeFileSync(join(copy, file), `${text}\n`)
  return file
}
