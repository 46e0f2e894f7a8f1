// The world outside gets in the way: full disks, signals, readers that leave. Each has its exit
// code and its sentence, and no folder stays behind that looks like a run.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { BIN, millrace, newFolder, ROOT, shell } from './command.ts'

const { folder, remove } = newFolder()
after(remove)

const W1 = join(ROOT, 'examples/w1/factory-128.yaml')
const TRACE = `swf:${join(ROOT, 'examples/traces/w1_128_5000.swf.gz')}`
const LINE = `millrace twin '${W1}' --trace '${TRACE}'`

/** Copies that would take minutes. */
const LONG = ['--scale', 'copies=2000,jitter=30d']

before(async () => {
  mkdirSync(join(folder, 'old'))
  const { code } = await shell(join(folder, 'old'), `${LINE} --out run --until 2d`)
  equal(code, 0)
})

describe('a disk that is full', { concurrency: 2 }, () => {
  test('ends the run with 4 and a sentence, and keeps nothing', async () => {
    const place = newPlace('full')
    const { code, stdout, stderr } = await shell(place, `ulimit -f 20; ${LINE} --out deep/out`)
    equal(code, 4, stderr)
    equal(stdout, '')
    match(stderr, /deep\/out.*a file grew beyond what is allowed\. Raise the limit/)
    equal(stderr.trimEnd().split('\n').length, 1)
    deepEqual(readdirSync(place), [])
  })

  test('below the standard output ends every command with 4 and a sentence', async () => {
    const journal = join(folder, 'old/run/journal.mrj')
    const { stdout, stderr } = await shell(newPlace('stdout'), [
      'journal ' + journal, 'replay ' + journal, '--help', 'catalog list',
    ].map((line) => `millrace ${line} > /dev/full; echo $?`).join('; '))
    equal(stdout, '4\n4\n4\n4\n')
    const lines = stderr.trimEnd().split('\n')
    equal(lines.length, 4, stderr)
    for (const line of lines) match(line, /^Writing to the standard output stopped: ENOSPC.*room/)
  })

  test('below the errors changes nothing', async () => {
    const { stdout } = await shell(newPlace('errors'),
      'millrace twin none.yaml --trace csv:x 2> /dev/full; echo $?')
    equal(stdout, '2\n')
  })
})

test('a reader that has seen enough ends a listing quietly', async () => {
  const { code, stdout, stderr } = await shell(newPlace('head'),
    `millrace journal '${join(folder, 'old/run/journal.mrj')}' | head -1`)
  equal(`${code} ${stderr}`, '0 ')
  match(stdout, /^\{"format":4,.*\}\n$/)
})

test('a folder that this user may not write is named, and nothing is kept', async () => {
  // The superuser may write anywhere, so for it a part of the path is a file.
  const isRoot = process.getuid?.() === 0
  const place = newPlace('closed')
  if (isRoot) writeFileSync(join(place, 'sub'), '')
  else mkdirSync(join(place, 'sub'), { mode: 0o500 })
  const { code, stderr } = await shell(place, `${LINE} --out sub/out`)
  if (!isRoot) chmodSync(join(place, 'sub'), 0o700)
  equal(code, 2)
  match(stderr, isRoot ? /a part of the path is a file/ : /this user may not write there/)
  deepEqual(readdirSync(place), ['sub'])
})

describe('a signal', { concurrency: 2 }, () => {
  for (const [signal, expected] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
    test(`${signal} ends a run with ${expected} and keeps nothing`, async () => {
      const place = newPlace(signal)
      const child = spawn(process.execPath,
        [BIN, 'twin', W1, '--trace', TRACE, ...LONG, '--out', join(place, 'out')])
      let stderr = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
      await madeIn(place)
      child.kill(signal)
      const [code] = await once(child, 'close') as [number | null]
      equal(code, expected, stderr)
      equal(stderr, `Stopped by ${signal}; nothing of the run was kept.\n`)
      deepEqual(readdirSync(place), [])
    })
  }
})

test('an earlier run stays as it was when the run that would replace it is cut off', async () => {
  const place = join(folder, 'old')
  const { code } = await shell(place, `ulimit -f 20; ${LINE} --out run --force`)
  equal(code, 4)
  deepEqual(readdirSync(place), ['run'])
  const { stdout } = await millrace(place, 'replay', 'run/journal.mrj')
  ok(stdout.includes(': the same.'), stdout)
})

function newPlace(name: string): string {
  const place = join(folder, name)
  mkdirSync(place)
  return place
}

/** Waits until something appears in a folder. */
async function madeIn(place: string): Promise<void> {
  const watcher = watch(place)
  if (readdirSync(place).length === 0) await once(watcher, 'change')
  watcher.close()
}
