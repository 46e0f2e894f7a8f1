import { open } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { readLines } from './channel.ts'
import { FILES, readJson } from './disk.ts'
import type { Claim, Exit, Message, Status } from './order.ts'
import { isAlive } from './processes.ts'

/** How long to wait before the next try to reach a supervisor that does not listen yet. */
const FIRST_TRY_MS = 5
const LAST_TRY_MS = 250

/** What a look at an attempt's folder shows in the end. */
export type Found =
  | { readonly type: 'ended', readonly exit: Exit }
  /** Nobody took it: it can be started. */
  | { readonly type: 'free' }
  /** Its supervisor was killed before it could say how it ended. */
  | { readonly type: 'lost', readonly claim: Claim }
  | { readonly type: 'connected' }

/** The way to the supervisor of one attempt, in its folder. */
export class Link {
  private socket: Socket | undefined
  private isClosed = false

  private readonly folder: string
  private readonly epoch: number
  private readonly onStatus: (status: Status) => void
  private readonly onClose: () => void

  constructor(
    folder: string,
    epoch: number,
    onStatus: (status: Status) => void,
    onClose: () => void) {
    this.folder = folder
    this.epoch = epoch
    this.onStatus = onStatus
    this.onClose = onClose
  }

  /** Finds out how things are, and connects where it runs. Waits for one that just starts. */
  async find(): Promise<Found> {
    for (let waitMs = FIRST_TRY_MS; ; waitMs = Math.min(waitMs * 2, LAST_TRY_MS)) {
      const claim = await readJson<Claim>(join(this.folder, FILES.claim))
      // Read in this order, an end that comes meanwhile is seen.
      const isRunning = claim !== undefined && isAlive(claim.supervisor)
      const exit = await readJson<Exit>(join(this.folder, FILES.exit))
      if (exit !== undefined) return { type: 'ended', exit }
      if (claim === undefined) return { type: 'free' }
      if (!isRunning) return { type: 'lost', claim }
      if (this.isClosed || await this.connect()) return { type: 'connected' }
      await new Promise((done) => {
        setTimeout(done, waitMs)
      })
    }
  }

  send(message: Message): boolean {
    return this.socket?.write(`${JSON.stringify(message)}\n`) !== undefined
  }

  close(): void {
    this.isClosed = true
    this.socket?.destroy()
  }

  /** Through our handle of the folder: paths of sockets are 107 bytes long at most. */
  private async connect(): Promise<boolean> {
    const handle = await open(this.folder, 'r').catch(() => undefined)
    if (handle === undefined) return false
    const socket = connect(`/proc/self/fd/${handle.fd}/${FILES.socket}`)
    const isOpen = await new Promise<boolean>((done) => {
      socket.once('connect', () => done(true))
      socket.once('error', () => done(false))
    })
    await handle.close()
    if (!isOpen) return false
    // It hangs up at once on an engine that another one has followed.
    let isHeard = false
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.socket = undefined
      if (this.isClosed) return
      if (isHeard) this.onClose()
      else setTimeout(this.onClose, LAST_TRY_MS).unref()
    })
    readLines<Status>(socket, (status) => {
      isHeard = true
      this.onStatus(status)
    })
    this.socket = socket
    this.send({ type: 'hello', epoch: this.epoch })
    return true
  }
}
