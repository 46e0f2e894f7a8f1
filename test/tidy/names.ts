/** File names that say nothing, and synonyms of words that the glossary fixes. */
import { isTypeScript, type Rule, type Source, type Violation } from './project.ts'

const FILE = /^(utils?|helpers?|common|misc|types|managers?|scheduler)$/

export const fileNames: Rule = {
  name: 'files are called after what they hold',
  check: (project) => project.files.filter((file) => /^(src|test|bench|bin|web)\//.test(file.path))
    .flatMap(checkName),
  samples: [
    { files: { 'src/base/utils.ts': '' }, finds: ['src/base/utils.ts:1'] },
    { files: { 'src/core/scheduler.test.ts': '' }, finds: ['src/core/scheduler.test.ts:1'] },
    { files: { 'src/common/a.ts': '' }, finds: ['src/common/a.ts:1'] },
    { files: { 'src/core/Ledger.ts': '' }, finds: ['src/core/Ledger.ts:1'] },
    { files: { 'src/core/ledger.ts': '', 'src/base/event-queue.ts': '' }, finds: [] },
  ],
}

function checkName({ path }: Source): Violation[] {
  const parts = path.split('/').map((part) => part.replace(/\..*$/, ''))
  const bad = parts.find((part) => FILE.test(part))
  if (bad !== undefined) {
    const message = `"${bad}" says nothing; name the file after the noun it holds`
    return [{ path, line: 1, message }]
  }
  const isMixed = path.startsWith('src/') && /[A-Z]/.test(path)
  return isMixed ? [{ path, line: 1, message: 'file names are lower case, words by hyphens' }] : []
}

/** A synonym, and the word of docs/glossary.md to use instead. */
const SYNONYMS: readonly (readonly [RegExp, string])[] = [
  [/^(gpuCount|numGpus|nGpus|gpuNum|gpusCount|gpuTotal)$/i, 'gpus'],
  [/^(nodeCount|numNodes|nNodes)$/i, 'nodes'],
  [/^(timestamp|timeStamp)(Ms)?$/i, 'atMs'],
  [/^black_?list(ed)?$/i, 'the word for why: cordoned, drained, refused'],
  [/^white_?list(ed)?$/i, 'allowed'],
  [/^(evict|evicted|eviction)$/i, 'preempt or requeue'],
  [/^(powerLimit|powerLimitW)$/, 'limitW'],
  [/^(powerCap|powerCapW|capLimit)$/, 'capW'],
  [/^(powerUsage|powerDraw|powerDrawW|consumption)$/, 'drawW'],
  [/^(walltime|wallTime|timeLimit)(Ms)?$/, 'limitMs'],
  [/^(datacenter|dataCenter|dataHall)$/i, 'site or hall'],
  [/^(gangSchedule|jobGroup|podGroup)$/i, 'gang'],
  [/^(tenant|namespace)$/i, 'queue'],
  [/[a-z](Millis|Milliseconds|InMs)$/, 'a name that ends in Ms'],
  [/[a-z]Watts$/, 'a name that ends in W'],
  [/[a-z]Joules$/, 'a name that ends in J'],
  [/[a-z](Percent|Percentage|Pct)$/, 'a name that ends in Ratio, 0 to 1'],
  [/^[a-z]+[a-z0-9]*_[a-z0-9_]+$/, 'camelCase'],
]

/** Where words of other systems come in, or numbers are printed for people. */
const FOREIGN =
  /^src\/(traces|engines\/(slurm|kubernetes|power)|grid|cli|run\/report)\/|^src\/base\/units\.ts$/

export const synonyms: Rule = {
  name: 'one word for one thing',
  check: (project) => project.files.filter((file) => isTypeScript(file) && !FOREIGN.test(file.path))
    .flatMap(checkWords),
  samples: [
    { files: { 'src/core/a.ts': 'const gpuCount = 1' }, finds: ['src/core/a.ts:1'] },
    { files: { 'src/core/a.ts': '\nlet quota_gpus = 1' }, finds: ['src/core/a.ts:2'] },
    { files: { 'src/core/a.ts': 'let capWatts = 1' }, finds: ['src/core/a.ts:1'] },
    { files: { 'src/core/a.ts': 'const LOG_LINES = 1, gpus = 2 // gpuCount' }, finds: [] },
    { files: { 'src/traces/a.ts': 'row.gpu_num + row.timestamp' }, finds: [] },
  ],
}

function checkWords(file: Source): Violation[] {
  const found: Violation[] = []
  for (const { kind, text, line } of file.code) {
    if (kind !== 'word') continue
    const synonym = SYNONYMS.find(([pattern]) => pattern.test(text))
    if (synonym === undefined) continue
    found.push({ path: file.path, line, message: `"${text}": say ${synonym[1]}` })
  }
  return found
}
