import { readdirSync, readFileSync } from 'node:fs'
import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../engine.ts'
import { FILES } from './disk.ts'
import type { Exit } from './order.ts'

/** Folders of attempts: jobs/NUMBER/ATTEMPT in the engine's. */

export function folderOf(folder: string, number: number, attempt: number): string {
  return join(folder, 'jobs', `${number}`, `${attempt}`)
}

/** Attempts that were claimed and did not end as far as the disk tells. O(attempts ever kept). */
export async function listRunning(
  folder: string): Promise<{ number: number, attempt: number }[]> {
  const found: { number: number, attempt: number }[] = []
  for (const number of await numbersIn(join(folder, 'jobs'))) {
    for (const attempt of await numbersIn(join(folder, 'jobs', `${number}`))) {
      const path = folderOf(folder, number, attempt)
      const isEnded = await access(join(path, FILES.exit)).then(() => true, () => false)
      if (!isEnded) found.push({ number, attempt })
    }
  }
  return found
}

/** What the disk tells of a job that runs no more. */
export function progressIn(folder: string, number: number): Progress | undefined {
  try {
    const names = readdirSync(join(folder, 'jobs', `${number}`))
    const attempt = Math.max(...names.map(Number).filter(Number.isInteger))
    if (!Number.isFinite(attempt)) return undefined
    const path = folderOf(folder, number, attempt)
    const exit = JSON.parse(readFileSync(join(path, FILES.exit), 'utf8')) as Exit
    const logs = readdirSync(path).filter((name) => /^node-\d+\.log$/.test(name))
    return {
      pid: 0, upAtMs: exit.upAtMs, savedAtMs: 0, says: exit.cause,
      logs: logs.toSorted((a, b) => nodeOf(a) - nodeOf(b)).map((name) => join(path, name)),
    }
  } catch {
    return undefined
  }
}

function nodeOf(name: string): number {
  return Number(/\d+/.exec(name)?.[0])
}

/** Folders of jobs, or of a job's attempts, by their numbers; none where there is no such path. */
export async function numbersIn(path: string): Promise<number[]> {
  const names = await readdir(path).catch(() => [])
  return names.map(Number).filter((each) => Number.isInteger(each) && each >= 0)
}
