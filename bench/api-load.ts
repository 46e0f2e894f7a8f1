/** Asks a server so many times a second, in a thread of its own, and tells how long each took. */
import { parentPort, workerData } from 'node:worker_threads'

export type Load = {
  readonly url: string
  readonly token: string
  readonly paths: readonly string[]
  readonly perSecond: number
  readonly seconds: number
}

/** Ms from the moment at which each was due to the end of its answer; how many went wrong. */
export type LoadTold = { readonly tookMs: readonly number[], readonly wrong: number }

const load = workerData as Load
const { url, token, paths, perSecond, seconds } = load
const tookMs: number[] = []
let wrong = 0
const open: Promise<void>[] = []
// What this thread loads for its first request is no time of the server's.
for (const path of paths) await ask(path, performance.now())
tookMs.length = 0
const startMs = performance.now()
for (let at = 0; at < perSecond * seconds; at++) {
  const dueMs = startMs + at * 1000 / perSecond
  const waitMs = dueMs - performance.now()
  if (waitMs > 1) await new Promise((resolve) => { setTimeout(resolve, waitMs) })
  open.push(ask(paths[at % paths.length]!, dueMs))
}
await Promise.all(open)
parentPort!.postMessage({ tookMs, wrong } satisfies LoadTold, [])

async function ask(path: string, dueMs: number): Promise<void> {
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })
  await response.arrayBuffer()
  if (response.status !== 200) wrong++
  tookMs.push(performance.now() - dueMs)
}
