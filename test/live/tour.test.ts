// The script of the README's tour: a real training job is submitted to `millrace up`, watched,
// paused by a power limit, resumed, and ends with the weights of an undisturbed run. Nothing of it
// is left behind.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { test } from 'node:test'
import { until } from './site.ts'

const TOUR = join(import.meta.dirname, '../../examples/tour.sh')

/** It takes half a minute; on a busy machine some more. */
const MOST_MS = 300_000

test('the tour ends with the weights of an undisturbed run', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'millrace-tour-'))
  const { status, stdout, stderr } = spawnSync('sh', [TOUR], {
    encoding: 'utf8', timeout: MOST_MS, env: {
      ...process.env, TMPDIR: temporary,
      PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
    },
  })
  assert.equal(status, 0, stdout + stderr)
  let at = -1
  for (const said of [
    'Millrace ', 'Job 1 (train) is submitted to here.', ' running ', 'says ', 'limit here 1W',
    ' paused ', 'is paused for want of power', 'saved', 'limit clear 0', '1200 steps, weights',
    'completed', 'The weights are the same, byte for byte.',
  ]) {
    const next = stdout.indexOf(said, at + 1)
    assert.ok(next > at, `"${said}" is missing, or comes too early:\n${stdout}${stderr}`)
    at = next
  }
  assert.deepEqual(readdirSync(temporary).filter((name) => name.startsWith('tmp.')), [])
  await until('the end of all its processes', () => namesIt(temporary).length === 0)
  rmSync(temporary, { recursive: true })
})

/** Processes of this machine that have such a folder on their command line. */
function namesIt(folder: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(folder)
    } catch {
      return false
    }
  })
}
