// A journal that comes back from a backup knows nothing of what ran since: a new job that gets the
// number of one of those is run all the same, in a folder of its own, and starts anew.
import assert from 'node:assert/strict'
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkAll } from './check.ts'
import { Scene } from './scene.ts'

for (const isRunning of [false, true]) {
  const when = isRunning ? 'still runs' : 'has ended'
  test(`the number of a job that ${when} is given again after a restore`, async () => {
    const scene = new Scene()
    const journal = join(scene.folder, 'journal.db')
    const copy = join(scene.root, 'copy.db')
    try {
      await scene.start()
      scene.want(1)
      await scene.ask()
      await scene.ended()
      await scene.stop()
      copyFileSync(journal, copy)
      await scene.start()
      const gone = scene.want(isRunning ? 10_000 : 2)
      await scene.ask()
      if (isRunning) await scene.until('its work', () => scene.lines('starts').length === 2)
      else await scene.ended()
      await scene.stop()
      // What was told of the turns that are gone is gone with them.
      for (const name of ['hashes', 'starts', `result-${gone.number}`]) {
        rmSync(join(scene.ground, name), { force: true })
      }
      copyFileSync(copy, journal)
      scene.offers.splice(scene.offers.indexOf(gone), 1)
      await scene.start()
      const next = scene.want(7)
      await scene.ask()
      assert.equal(next.number, gone.number)
      await scene.ended()
      await checkAll(scene)
    } finally {
      await scene.close()
    }
  })
}
