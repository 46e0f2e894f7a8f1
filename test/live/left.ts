/** What is left of jobs on this machine: supervisors and processes of attempts, by their claims. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Claim } from '../../src/engines/local/order.ts'
import { isAlive, membersOf, signal } from '../../src/engines/local/processes.ts'

export type Claimed = {
  readonly number: number
  readonly attempt: number
  readonly folder: string
  readonly claim: Claim
}

/** Attempts that a supervisor took, of a factory's folder. */
export function claimsIn(folder: string): Claimed[] {
  const jobs = join(folder, 'jobs', 'jobs')
  const found: Claimed[] = []
  for (const number of numbersIn(jobs)) {
    for (const attempt of numbersIn(join(jobs, `${number}`))) {
      const path = join(jobs, `${number}`, `${attempt}`)
      try {
        const claim = JSON.parse(readFileSync(join(path, 'supervisor.json'), 'utf8')) as Claim
        found.push({ number, attempt, folder: path, claim })
      } catch {
        // It was never taken.
      }
    }
  }
  return found
}

/** Numbers of the processes of an attempt that still run. */
export function leftOf({ claim }: Claimed): number[] {
  if (claim.order === undefined) return []
  return membersOf(claim.order.run, new Set()).map(({ pid }) => pid)
}

/** Ends every supervisor and every process of the attempts of a folder. */
export async function endAll(folder: string): Promise<void> {
  for (const { claim } of claimsIn(folder)) {
    if (isAlive(claim.supervisor)) signal([claim.supervisor], 'SIGKILL')
    if (claim.order !== undefined) signal(membersOf(claim.order.run, new Set()), 'SIGKILL')
  }
}

function numbersIn(path: string): number[] {
  try {
    return readdirSync(path).map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}
