import { readdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import type { Identity } from './order.ts'

/** Processes of this machine as /proc shows them. */

/** In the environment of every process of an attempt, inherited by what they start. */
export const MARKER = 'MILLRACE_RUN'

const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

/** Who a process is, in a way that no later process with its pid shares; undefined: gone. */
export function identityOf(pid: number): Identity | undefined {
  const ticks = statOf(pid)?.ticks
  return ticks === undefined ? undefined : { pid, ticks, boot }
}

/** Whether it still runs; a process that has ended and is not reaped yet does not. */
export function isAlive({ pid, ticks, boot: since }: Identity): boolean {
  if (pid <= 0 || since !== boot) return false
  const stat = statOf(pid)
  return stat !== undefined && stat.ticks === ticks && !'ZX'.includes(stat.state)
}

type Stat = {
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly ticks: number
}

/** Fields of proc(5) stat; the name in brackets may hold anything, so they are read behind it. */
function statOf(pid: number): Stat | undefined {
  const text = readProc(`/proc/${pid}/stat`)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields.length < 20) return undefined
  return {
    state: fields[0]!, parent: Number(fields[1]), group: Number(fields[2]),
    ticks: Number(fields[19]),
  }
}

/**
 * Every process of an attempt that still runs: those with its mark, those in the groups of its
 * first processes, those known already, and what descends from any, however it forked.
 * O(processes of the machine).
 */
export function membersOf(
  run: string, groups: ReadonlySet<number>, known: readonly Identity[] = []): Identity[] {
  const mark = `${MARKER}=${run}`
  const stats = new Map<number, Stat>()
  const members = new Set<number>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const stat = statOf(pid)
    if (stat === undefined || 'ZX'.includes(stat.state)) continue
    stats.set(pid, stat)
    if (groups.has(stat.group) || isMarked(pid, mark)) members.add(pid)
  }
  for (const each of known) if (isAlive(each)) members.add(each.pid)
  for (let size = -1; size !== members.size;) {
    size = members.size
    for (const [pid, { parent }] of stats) if (members.has(parent)) members.add(pid)
  }
  return [...members].filter((pid) => stats.has(pid))
    .map((pid) => ({ pid, ticks: stats.get(pid)!.ticks, boot }))
}

function isMarked(pid: number, mark: string): boolean {
  const text = readProc(`/proc/${pid}/environ`)
  return text.startsWith(`${mark}\0`) || text.includes(`\0${mark}\0`)
}

/** Sends a signal to those that still are who they were. Returns how many there were. */
export function signal(members: readonly Identity[], name: NodeJS.Signals): number {
  let sent = 0
  for (const member of members) {
    if (!isAlive(member)) continue
    try {
      process.kill(member.pid, name)
      sent++
    } catch {
      // It ended meanwhile, or is no longer ours to signal.
    }
  }
  return sent
}

/** Those that handle a signal by themselves: to the others it would be the end, or nothing. */
export function handling(members: readonly Identity[], name: NodeJS.Signals): Identity[] {
  const bit = 1n << BigInt(constants.signals[name] - 1)
  return members.filter(({ pid }) => {
    const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readProc(`/proc/${pid}/status`))?.[1]
    return mask !== undefined && (BigInt(`0x${mask}`) & bit) !== 0n
  })
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
