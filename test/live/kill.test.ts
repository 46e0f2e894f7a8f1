// kill -9 of a server at each step of its loop, again and again over one stream of real jobs: no
// job is lost or started twice, each count is right, and the state is what the journal tells.
import { after, test } from 'node:test'
import { checkAll, checkWeights } from './check.ts'
import { HALF_W, NAME } from './factory.ts'
import { STEPS, type Step } from './fault.ts'
import { Scene } from './scene.ts'

const scenes: Scene[] = []
after(async () => {
  for (const scene of scenes) await scene.close()
})

/** Lives of one stream: each ends at a step, the so manieth time that it is there. */
const STREAMS: readonly (readonly (readonly [Step, number, number])[])[] = [
  STEPS.map((step) => [step, 1, 0]),
  [
    ['write', 2, 0.2], ['write', 3, 1], ['write', 1, 3], ['send', 2, 0], ['sent', 2, 0],
    ['report', 3, 0], ['heard', 2, 0], ['commit', 3, 0], ['append', 4, 0], ['answer', 2, 0],
    ['reconciled', 1, 5], ['keeping', 1, 1],
  ],
]

for (const lives of STREAMS) {
  test(`a server that is killed at ${lives.map(([step, count]) => (
    count === 1 ? step : `${step} ${count}`)).join(', ')}`, async () => {
    const scene = new Scene()
    scenes.push(scene)
    const training = scene.train()
    for (const [at, [step, count, ms]] of lives.entries()) {
      scene.want(3)
      scene.want(12)
      if (await scene.start({ step, count, ms })) {
        await Promise.all([scene.ask(), power(scene, at)])
        while (scene.isAlive) await more(scene)
      }
      await scene.killed()
    }
    await scene.start()
    await scene.ask()
    await power(scene, 1)
    await scene.ended()
    await checkAll(scene)
    await checkWeights(scene, training)
  })
}

/** In every other life half of the power goes away, and in the next one it comes back. */
async function power(scene: Scene, life: number): Promise<void> {
  await scene.tries(async (client) => {
    if (life % 2 === 0) await client.limit({ feeder: NAME, watts: HALF_W, cause: 'a test' })
    else for (const { limit } of (await client.limits()).items) await client.clearLimit(limit)
  })
}

/** A server that came to rest before its step is given more to do. */
async function more(scene: Scene): Promise<void> {
  await scene.until('a rest or the end of the server', async () => {
    let isResting = false
    const isThere = await scene.tries(async (client) => {
      isResting = (await client.jobs({ phase: 'running' })).items.length === 0
    })
    return !isThere || isResting
  })
  if (!scene.isAlive) return
  scene.want(1)
  await scene.ask()
}
