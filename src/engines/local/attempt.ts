import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { claim, FILES } from './disk.ts'
import { Link } from './link.ts'
import type { Exit, Message, Order, Status } from './order.ts'
import type { Pool } from './pool.ts'
import { setAside } from './set-aside.ts'
import { endStrays } from './strays.ts'

/** A start that no supervisor takes is tried so often: then this machine has no room for one. */
const TRIES_MOST = 3

/** Which attempt of which job, and in which row the core has it; -1: in none any more. */
export type Key = {
  readonly job: number
  readonly number: number
  readonly attempt: number
  readonly folder: string
}

/** One attempt of a job as the engine sees it: in a supervisor's hands, or on its way there. */
export class Attempt {
  status: Status | undefined
  exit: Exit | undefined
  /** What was reported of it since the core was last told everything. */
  readonly told = { isUp: false, capOrder: -1, ownW: -1 }
  isStopping = false
  private isReached = false
  private readonly link: Link
  private waiting: Message[] = []

  readonly key: Key
  private readonly pool: Pool
  private readonly onChange: () => void

  constructor(key: Key, epoch: number, pool: Pool, onChange: () => void) {
    this.key = key
    this.pool = pool
    this.onChange = onChange
    this.link = new Link(key.folder, epoch, (status) => {
      this.status = status
      this.onChange()
    }, () => void this.find())
  }

  /** Has a supervisor start it, unless one did already: the claim in its folder decides. */
  async start(order: Order): Promise<void> {
    await setAside(order)
    for (let tries = 0; tries < TRIES_MOST; tries++) {
      await this.pool.take(order)
      if (await this.find()) return
    }
    this.end({ ...NO_EXIT, type: 'lost', keptMs: order.gang.keptMs,
      cause: `no supervisor could be started in ${this.key.folder}` })
  }

  /** Finds one that may have been started before. Returns whether it was. */
  async find(): Promise<boolean> {
    this.isReached = false
    const found = await this.link.find()
    switch (found.type) {
      case 'free': return false
      case 'ended': this.end(found.exit)
        return true
      case 'lost': this.end(await endStrays(this.key.folder, found.claim,
        found.claim.supervisor.pid === 0 ? 'it was never started' : 'its supervisor was killed'))
        return true
      case 'connected': {
        this.isReached = true
        for (const message of this.waiting.splice(0)) this.send(message)
        if (this.isStopping) this.link.send({ type: 'stop' })
        return true
      }
    }
  }

  /** Tells its supervisor, now or once it is reached. */
  send(message: Message): void {
    if (message.type === 'stop') this.isStopping = true
    if (this.isReached && this.link.send(message)) return
    // Of each kind the newest counts.
    this.waiting = [...this.waiting.filter(({ type }) => type !== message.type), message]
  }

  /** Nobody may start it any more; false where somebody has. */
  async forbid(): Promise<boolean> {
    await mkdir(this.key.folder, { recursive: true, mode: 0o700 })
    const nobody = { pid: 0, ticks: 0, boot: '' }
    return claim(join(this.key.folder, FILES.claim), { supervisor: nobody })
  }

  end(exit: Exit): void {
    if (this.exit !== undefined) return
    this.exit = exit
    this.link.close()
    this.onChange()
  }

  /** Lets go of it; it runs on. */
  close(): void {
    this.link.close()
  }
}

export const NO_EXIT: Exit = {
  type: 'stopped', outcome: 'cancelled', cause: '', keptMs: 0, runMs: 0, upAtMs: 0, endedAtMs: 0,
  nodes: [],
}
