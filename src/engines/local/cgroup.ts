import {
  existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** Microseconds of a cpu.max period: the kernel's own default. */
const PERIOD_US = 100_000
export const PREFIX = 'millrace-'

/**
 * A control group (version 2) for an attempt, where this machine lets us make one: what runs in it
 * cannot leave it by forking, and can be ended as a whole. Where it does not, the marks of
 * processes do. A supervisor enters it while it waits for a job, since to move takes the kernel
 * some milliseconds: what it starts then begins its life there.
 */
export type Cgroup = {
  readonly path: string
  /** Has what is started from now on begin in the group. */
  readonly enter: () => void
  readonly leave: () => void
  /** At most so many cores, where that can be set. */
  readonly limit: (cpus: number) => void
  readonly pids: () => number[]
  /** Ends all that runs in it, at once. */
  readonly kill: () => void
  readonly remove: () => void
}

/** Makes a group and enters it. */
export function cgroupOf(name: string): Cgroup | undefined {
  const home = ownCgroup()
  if (home === undefined) return undefined
  const path = join(home, name)
  let isInside = true
  const move = (isIn: boolean) => {
    if (isInside === isIn) return
    isInside = isIn
    tryWrite(join(isIn ? path : home, 'cgroup.procs'), '0')
  }
  try {
    mkdirSync(path)
    if (!existsSync(join(path, 'cgroup.kill'))) throw new Error('older than Linux 5.14')
    // To be in it must be allowed too: with controllers on, a group with children takes nobody.
    writeFileSync(join(path, 'cgroup.procs'), '0')
  } catch {
    remove(path)
    return undefined
  }
  return {
    path,
    enter: () => move(true),
    leave: () => move(false),
    limit: (cpus) => tryWrite(join(path, 'cpu.max'), `${cpus * PERIOD_US} ${PERIOD_US}`),
    pids: () => pidsOf(path),
    kill: () => {
      move(false)
      tryWrite(join(path, 'cgroup.kill'), '1')
    },
    remove: () => {
      move(false)
      remove(path)
    },
  }
}

/** Takes away groups that killed supervisors left behind; those with processes stay. */
export function sweepCgroups(): void {
  const home = ownCgroup()
  if (home === undefined) return
  for (const name of readdirSync(home)) if (name.startsWith(PREFIX)) remove(join(home, name))
}

/** Ends what is left in the group of an attempt whose supervisor is gone. */
export function killCgroup(path: string): void {
  tryWrite(join(path, 'cgroup.kill'), '1')
  remove(path)
}

/** Where the unified tree is mounted, and our own group in it. */
function ownCgroup(): string | undefined {
  try {
    const mount = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
      .find((line) => line.includes(' - cgroup2 '))?.split(' ')[4]
    const own = readFileSync('/proc/self/cgroup', 'utf8').split('\n')
      .find((line) => line.startsWith('0::'))?.slice('0::'.length)
    return mount === undefined || own === undefined ? undefined : join(mount, own)
  } catch {
    return undefined
  }
}

function pidsOf(path: string): number[] {
  try {
    return readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function tryWrite(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch {
    // The group is gone, or that controller is not ours to set.
  }
}

function remove(path: string): void {
  try {
    rmdirSync(path)
  } catch {
    // Something still ends in it; an empty group costs next to nothing.
  }
}
