import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Microseconds of a cpu.max period: the kernel's own default. */
const PERIOD_US = 100_000

/**
 * A control group (version 2) of an attempt, where this machine lets us make one: what runs in it
 * cannot leave it by forking, and can be ended as a whole. Where it does not, the marks of
 * processes do.
 */
export type Cgroup = {
  readonly path: string
  /** Has what `start` starts begin its life in the group. */
  readonly within: <T>(start: () => T) => T
  readonly pids: () => number[]
  /** Ends all that runs in it, at once. */
  readonly kill: () => void
  readonly remove: () => void
}

/** Makes a group, with at most so many cores where that can be set (0: no limit). */
export function cgroupOf(name: string, cpus: number): Cgroup | undefined {
  const home = ownCgroup()
  if (home === undefined) return undefined
  const path = join(home, name)
  try {
    mkdirSync(path, { recursive: true })
    if (!existsSync(join(path, 'cgroup.kill'))) throw new Error('older than Linux 5.14')
    // To be in it must be allowed too: with controllers on, a group with children takes nobody.
    writeFileSync(join(path, 'cgroup.procs'), '0')
    writeFileSync(join(home, 'cgroup.procs'), '0')
  } catch {
    remove(path)
    return undefined
  }
  if (cpus > 0) tryWrite(join(path, 'cpu.max'), `${cpus * PERIOD_US} ${PERIOD_US}`)
  return {
    path,
    within: (start) => {
      writeFileSync(join(path, 'cgroup.procs'), '0')
      try {
        return start()
      } finally {
        writeFileSync(join(home, 'cgroup.procs'), '0')
      }
    },
    pids: () => pidsOf(path),
    kill: () => tryWrite(join(path, 'cgroup.kill'), '1'),
    remove: () => remove(path),
  }
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
