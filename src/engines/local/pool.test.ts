// Supervisors that wait for a job end with their server, also where it is killed.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '../../../test/local-scene.ts'
import { identityOf, isAlive } from './processes.ts'

const SERVER = join(import.meta.dirname, '../../../test/local-server.ts')

test('a killed server leaves no spare behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-local-'))
  const server = spawn(process.execPath, [SERVER, folder, 'never', '0', 'true'])
  const children = () => readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8')
    .split(' ').filter(Boolean).map(Number)
  await until('a spare', () => children().length > 0)
  const spares = children().map((pid) => identityOf(pid)).filter((each) => each !== undefined)
  assert.ok(spares.length > 0)
  server.kill('SIGKILL')
  await once(server, 'exit')
  await until('their end', () => !spares.some(isAlive))
  rmSync(folder, { recursive: true, force: true })
})
