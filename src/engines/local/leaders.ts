import type { ChildProcess } from 'node:child_process'
import type { Cgroup } from './cgroup.ts'
import { launch, type Ground } from './launch.ts'
import type { Identity, Order } from './order.ts'
import { identityOf, membersOf, signal } from './processes.ts'

/** How the first process of a node ended: its code, or the name of a signal. */
export type Ending = number | string

/** The first processes of a gang, one a node, with all that they started. */
export class Leaders {
  readonly endings: (Ending | undefined)[]
  readonly identities: Identity[] = []
  private readonly groups = new Set<number>()
  private readonly running = new Set<number>()
  /** What was left of a group when its leader ended: its number may become another's. */
  private readonly left: Identity[] = []

  private readonly order: Order
  private readonly cgroup: Cgroup | undefined
  private readonly onEnding: (node: number, ending: Ending) => void

  constructor(
    order: Order,
    cgroup: Cgroup | undefined,
    onEnding: (node: number, ending: Ending) => void) {
    this.order = order
    this.cgroup = cgroup
    this.onEnding = onEnding
    this.endings = nodesOf(order).map(() => undefined)
  }

  /** Starts them all; '' or why one of them does not start. */
  start(ground: Ground, starts: number): string {
    this.cgroup?.enter()
    try {
      return this.startAll(ground, starts)
    } finally {
      this.cgroup?.leave()
    }
  }

  private startAll(ground: Ground, starts: number): string {
    for (const node of nodesOf(this.order)) {
      this.endings[node] = undefined
      let child: ChildProcess
      try {
        child = launch(this.order, ground, node, starts)
      } catch (error) {
        return sentenceOf(error, this.order)
      }
      if (child.pid === undefined) {
        // The reason comes as an event of its own; it must have a listener.
        child.on('error', () => undefined)
        return `there is no program ${programOf(this.order)} that could be started`
      }
      this.groups.add(child.pid)
      this.running.add(node)
      const identity = identityOf(child.pid)
      if (identity !== undefined) this.identities.push(identity)
      child.on('error', () => undefined)
      child.on('exit', (code, name) => {
        const ending = code ?? name ?? 'SIGKILL'
        this.endings[node] = ending
        this.running.delete(node)
        const group = new Set([child.pid!])
        this.left.push(...membersOf(this.order.run, group))
        this.groups.delete(child.pid!)
        this.onEnding(node, ending)
      })
    }
    return ''
  }

  /** Whether all of those that were started have ended. */
  haveEnded(): boolean {
    return this.running.size === 0
  }

  /** All processes of the attempt that run, and those of its control group. */
  members(): Identity[] {
    const found = membersOf(this.order.run, this.groups, this.left)
    const known = new Set(found.map(({ pid }) => pid))
    for (const pid of this.cgroup?.pids() ?? []) {
      const identity = known.has(pid) || pid === process.pid ? undefined : identityOf(pid)
      if (identity !== undefined) found.push(identity)
    }
    return found
  }

  /** Ends all at once. Returns whether anything was there to end. */
  kill(): boolean {
    this.cgroup?.kill()
    return signal(this.members(), 'SIGKILL') > 0
  }
}

/** A script runs on the first node alone, as with sbatch; a command on each. */
function nodesOf({ gang, spec }: Order): number[] {
  return spec.script === '' ? gang.nodes.map((_, node) => node) : [0]
}

function programOf({ spec }: Order): string {
  return JSON.stringify(spec.script === '' ? spec.command[0] : 'of the script')
}

function sentenceOf(error: unknown, order: Order): string {
  const { code, path, message } = error as NodeJS.ErrnoException
  if (code === 'E2BIG') return 'its arguments and environment are longer than Linux takes'
  return path !== undefined && code !== undefined && path !== order.folder
    ? `${path}: ${message}` : message
}
