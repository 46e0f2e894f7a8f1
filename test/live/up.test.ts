// `millrace up` as people run it is killed with -9 while a real job works, and started again on its
// folder: commands say so meanwhile, the job was started once, and is followed to its end.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { batch, newFolder } from '../cli/command.ts'
import { up } from '../cli/server.ts'
import { until } from './site.ts'

test('a service is killed and started again below a job that runs on', async () => {
  const { folder, remove } = newFolder()
  const first = await up([])
  const ask = (...commands: readonly (readonly string[])[]) =>
    batch(folder, commands.map(([name, ...words]) => [name!, '--state', first.state, ...words]))
  const words = 'echo begun >>starts; while [ ! -e go ]; do sleep 0.02; done; echo done'
  const [submitted] = await ask(
    ['submit', '--cpus', '1', '--name', 'long', '--', 'sh', '-c', words])
  assert.equal(submitted!.stderr, '')
  await until('its work', () => existsSync(join(folder, 'starts')))
  await first.stop('SIGKILL')
  const [lost] = await ask(['queue'])
  assert.match(lost!.stderr, /is gone; its jobs run on. Start it again with "millrace up"/)
  const second = await up([], first.state)
  try {
    assert.doesNotMatch(second.printed(), /Admin token/)
    writeFileSync(join(folder, 'go'), '')
    const [followed, shown] = await ask(['logs', '-f', 'long'], ['show', 'long'])
    assert.equal(followed!.stdout, 'done\n')
    assert.match(shown!.stdout, /state +completed\n/)
    assert.equal(readFileSync(join(folder, 'starts'), 'utf8'), 'begun\n')
  } finally {
    assert.equal(await second.stop(), 0)
    for (const path of [first.folder, second.folder]) rmSync(path, { recursive: true, force: true })
    remove()
  }
})
