import { join } from 'node:path'
import { fromSeconds } from '../../base/units.ts'
import { killCgroup } from './cgroup.ts'
import { FILES, readJson, writeDurably } from './disk.ts'
import type { Claim, Exit, Identity } from './order.ts'
import { isAlive, membersOf, signal } from './processes.ts'

const LOOK_MS = 20
/** What outlives SIGKILL for so long hangs in the kernel, and is left. */
const KILL_MS = fromSeconds(10)

/**
 * Ends what is left of an attempt whose supervisor was killed, and writes down that it is lost
 * with the work that it had saved. Nothing of it runs when it resolves.
 */
export async function endStrays(
  folder: string, { order, cgroup = '' }: Claim, cause: string): Promise<Exit> {
  const process = await readJson<{ leaders: Identity[] }>(join(folder, FILES.process))
  if (cgroup !== '') killCgroup(cgroup)
  const leaders = process?.leaders.filter(isAlive) ?? []
  const groups = new Set(leaders.map(({ pid }) => pid))
  const endMs = performance.now() + KILL_MS
  while (order !== undefined && performance.now() < endMs) {
    const members = membersOf(order.run, groups)
    if (members.length === 0) break
    signal(members, 'SIGKILL')
    await new Promise((done) => {
      setTimeout(done, LOOK_MS)
    })
  }
  const saved = await readJson<{ keptMs: number }>(join(folder, FILES.saved))
  const exit: Exit = {
    type: 'lost', outcome: 'failed', cause, runMs: 0, upAtMs: 0, endedAtMs: Date.now(),
    nodes: [], keptMs: saved?.keptMs ?? order?.gang.keptMs ?? 0,
  }
  await writeDurably(join(folder, FILES.exit), exit).catch(() => undefined)
  return exit
}
