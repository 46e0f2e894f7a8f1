// A log is cut when it has grown, keeps its last bytes beside it, and appending goes on in it.
import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openLog, rotate } from './logs.ts'

test('what was written last is kept, in this file or the one before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-log-'))
  const path = join(folder, 'log')
  const file = openLog(path, true)
  writeSync(file, 'abcdefgh')
  assert.ok(!rotate(file, path, 8, 4))
  writeSync(file, 'ijkl')
  assert.ok(rotate(file, path, 8, 4))
  writeSync(file, 'mn')
  closeSync(file)
  assert.equal(readFileSync(`${path}.1`, 'utf8'), 'ijkl')
  assert.equal(readFileSync(path, 'utf8'), 'mn')
  rmSync(folder, { recursive: true })
})
