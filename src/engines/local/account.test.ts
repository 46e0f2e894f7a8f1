// Another account runs a job where the server is root, with its own rights; else it is refused.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { localScene, type LocalScene } from '../../../test/local-scene.ts'
import type { JobReport } from '../../model/index.ts'

const isRoot = process.getuid!() === 0

let scene: LocalScene
before(async () => {
  scene = await localScene()
})
after(() => scene.close())

test('a script of another account', async () => {
  scene.start(1, {
    account: 'nobody', directory: '/', command: ['$(id)'],
    script: '#!/bin/sh\nid -un\necho "$1"\necho said >>"$MILLRACE_STATUS" && echo told\n',
  })
  const done = await scene.reported(1, 'job.done') as JobReport
  if (isRoot) assert.equal(scene.log(1), 'nobody\n$(id)\ntold\n', done.cause)
  else assert.match(done.cause, /^only a server of root runs jobs as others/)
})

test('its output is opened with its own rights', async () => {
  if (!isRoot) return
  const output = `${scene.folder}/not-theirs`
  scene.start(2, { account: 'nobody', directory: '/', command: ['true'], output })
  const done = await scene.reported(2, 'job.done') as JobReport
  assert.equal(done.outcome, 'failed')
})

test('an account that this machine does not have', async () => {
  scene.start(3, { account: 'no such; account', command: ['true'] })
  const done = await scene.reported(3, 'job.done') as JobReport
  assert.match(done.cause, /no such; account/)
})
