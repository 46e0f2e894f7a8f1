// The wall clock of a server and its supervisors is stepped by an hour, forth and back, while real
// jobs run, and while the server is away: nobody's time is up, nothing is lost or done twice.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { checkAll } from './check.ts'
import { HALF_W, NAME } from './factory.ts'
import { Scene } from './scene.ts'

const PRELOAD = new URL('set-clock.mjs', import.meta.url).href
const HOUR_MS = 3_600_000

const scenes: Scene[] = []
after(async () => {
  for (const scene of scenes) await scene.close()
})

test('the wall clock steps by an hour, forth and back', async () => {
  const scene = new Scene({ preload: PRELOAD })
  scenes.push(scene)
  assert.ok(await scene.start(), scene.said)
  // Its limit is half an hour: by the wall clock it would be over.
  scene.want(250)
  await scene.ask()
  for (const hours of [1, 0, -1]) {
    await step(scene, hours)
    scene.want(5)
    await scene.ask()
    await passesPower(scene)
  }
  await scene.ended()
  await checkAll(scene)
})

test('it steps while the server is away', async () => {
  const scene = new Scene({ preload: PRELOAD })
  scenes.push(scene)
  assert.ok(await scene.start(), scene.said)
  scene.want(250)
  await scene.ask()
  await scene.until('its work', () => scene.lines('starts').length > 0)
  for (const hours of [1, -1, 0]) {
    await scene.killed(true)
    setClock(scene, hours)
    assert.ok(await scene.start(), scene.said)
    scene.want(5)
    await scene.ask()
    await passesPower(scene)
  }
  await scene.ended()
  await checkAll(scene)
})

function setClock({ ground }: Scene, hours: number): void {
  writeFileSync(join(ground, 'clock'), `${hours * HOUR_MS}`)
}

/** Steps the clock, and waits until the factory says so of its own. */
async function step(scene: Scene, hours: number): Promise<void> {
  setClock(scene, hours)
  await scene.until(`the factory's clock to step to ${hours} h`, async () => {
    const { at } = await scene.client.jobs()
    return Math.abs(Date.parse(at) - Date.now() - hours * HOUR_MS) < HOUR_MS / 2
  })
}

/** For a moment of the factory's clock half of the power is away. */
async function passesPower(scene: Scene): Promise<void> {
  const { at } = await scene.client.jobs()
  const until = new Date(Date.parse(at) + 600).toISOString()
  await scene.client.limit({ feeder: NAME, watts: HALF_W - 12, until, cause: 'a test' })
  await scene.until('the end of the limit', async () => (
    (await scene.client.limits()).items.every(({ isNow }) => !isNow)))
}
