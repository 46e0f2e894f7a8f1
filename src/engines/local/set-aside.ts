import { readdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FILES, readJson } from './disk.ts'
import { numbersIn } from './folders.ts'
import type { Claim, Exit, Order } from './order.ts'
import { isAlive, signal } from './processes.ts'
import { endStrays } from './strays.ts'

const LOOK_MS = 20

/**
 * A journal that came back from a backup gives numbers again that jobs had which it knows nothing
 * of. Ends what runs of another job of the order's number, and moves its folder beside, so that
 * neither how that job ended nor what it saved is taken for this one's. Costs a look at a folder
 * where there is none.
 */
export async function setAside(order: Order): Promise<void> {
  const folder = dirname(order.folder)
  const attempts = await numbersIn(folder)
  const claims = await Promise.all(attempts.map(async (attempt) => {
    const path = join(folder, `${attempt}`)
    return { path, claim: await readJson<Claim>(join(path, FILES.claim)) }
  }))
  const others = claims.filter(({ claim }) => isOther(claim?.order, order))
  if (others.length === 0) return
  for (const { path, claim } of others) await endOf(path, claim!)
  await rename(folder, await freeName(folder))
}

/** Moments of submission tell two jobs of one number apart: they stay with a job for good. */
function isOther(found: Order | undefined, { spec }: Order): boolean {
  return found !== undefined && found.spec.submittedAtMs !== spec.submittedAtMs
}

async function endOf(path: string, claim: Claim): Promise<void> {
  signal([claim.supervisor], 'SIGTERM')
  while (isAlive(claim.supervisor)) {
    await new Promise((done) => {
      setTimeout(done, LOOK_MS)
    })
  }
  if (await readJson<Exit>(join(path, FILES.exit)) !== undefined) return
  await endStrays(path, claim, 'its number was given again')
}

async function freeName(folder: string): Promise<string> {
  const names = new Set(await readdir(dirname(folder)))
  const own = folder.slice(dirname(folder).length + 1)
  for (let count = 1; ; count++) {
    const name = `${own}.earlier-${count}`
    if (!names.has(name)) return join(dirname(folder), name)
  }
}
