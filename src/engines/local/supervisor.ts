import { spawn } from 'node:child_process'
import { appendFileSync, mkdirSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { fromSeconds } from '../../base/units.ts'
import { accountOf } from './account.ts'
import { Caps } from './caps.ts'
import { cgroupOf, PREFIX, type Cgroup } from './cgroup.ts'
import { Channel, readLines } from './channel.ts'
import { claim, FILES, syncClaim, writeDurably } from './disk.ts'
import { clear, prepare, type Ground } from './launch.ts'
import { LogKeeper } from './log-keeper.ts'
import type { Exit, Identity, Message, Order, Status } from './order.ts'
import { identityOf } from './processes.ts'
import { Run } from './run.ts'
import { StatusFile } from './status-file.ts'

/**
 * A program of its own: it starts one attempt of a job, watches over it and outlives the server
 * that started it. It waits for its order on standard input, and ends where that ends first. From
 * then on it works in the attempt's folder and listens there.
 */

/** How often it looks at logs and at what the job says. */
const LOOK_MS = 500
/** The same while a log floods: what it may take of the disk is bounded by this. */
const FLOOD_LOOK_MS = 25
/** On a full disk, how often it tries again to write how the job ended. */
const RETRY_MS = fromSeconds(1)

await wait()

async function wait(): Promise<void> {
  let isTaken = false
  const self = identityOf(process.pid)!
  const cgroup = cgroupOf(`${PREFIX}${self.pid}-${self.ticks}`)
  const port = await reservePort()
  // The first start of a program takes Node longer than those after it.
  spawn('true', { stdio: 'ignore' }).on('error', () => undefined)
  const quit = () => {
    cgroup?.remove()
    process.exit(0)
  }
  readLines<Order>(process.stdin, (order) => {
    if (isTaken) return
    isTaken = true
    process.stdin.destroy()
    take(order, self, cgroup, port).catch(crash)
  })
  process.stdin.on('end', () => {
    if (!isTaken) quit()
  })
  process.stdin.on('error', quit)
  process.stdout.on('error', () => undefined)
  process.on('SIGHUP', () => undefined)
  process.on('uncaughtException', crash)
  say('idle')
}

/** Where rank 0 of the job is to listen: ours until the job starts, so that nobody takes it. */
function reservePort(): Promise<Server> {
  return new Promise((done, fail) => {
    const server = createServer((socket) => socket.destroy())
    server.on('error', fail)
    server.listen(0, '127.0.0.1', () => done(server))
  })
}

function crash(error: unknown): never {
  try {
    appendFileSync('supervisor.log', `${(error as Error).stack ?? String(error)}\n`)
  } catch {
    // Nobody is left to be told.
  }
  process.exit(1)
}

/** Says a word to the engine that started us, if it still lives. */
function say(word: string): void {
  process.stdout.write(`${JSON.stringify(word)}\n`)
}

async function take(
  order: Order, supervisor: Identity, cgroup: Cgroup | undefined, port: Server): Promise<void> {
  mkdirSync(order.folder, { recursive: true, mode: 0o700 })
  process.chdir(order.folder)
  if (!claim(FILES.claim, { supervisor, order, cgroup: cgroup?.path ?? '' })) {
    say('taken')
    cgroup?.remove()
    process.exit(0)
  }
  const synced = syncClaim(FILES.claim)
  // Awaited where a process is told of; an error shows there.
  synced.catch(() => undefined)
  const cpus = order.gang.nodes.map((node) => node.cpus)
  if (!cpus.includes(0)) cgroup?.limit(cpus.reduce((sum, each) => sum + each, 0))
  await supervise(order, synced, cgroup, port)
}

async function supervise(
  order: Order, synced: Promise<void>, cgroup: Cgroup | undefined, port: Server): Promise<void> {
  const { ground, problem } = await groundOf(order, port)
  const status = new StatusFile(join(ground.folder, FILES.status))
  // What is told as saved is on disk: should we be killed, it is found there.
  let told: Saved = { keptMs: order.gang.keptMs, savedAtMs: 0 }
  const channel = new Channel(
    order.epoch, () => ({ ...statusOf(order, run, caps, status), ...told }), obey)
  const saved = new Keeper(FILES.saved)
  const kept = new Keeper(FILES.cap)
  const logs = new LogKeeper(order)
  const run = new Run(order, ground, cgroup, status, {
    changed: () => {
      const { savedAtMs } = run
      if (savedAtMs === told.savedAtMs) return channel.tell()
      const next = { keptMs: run.keptMs(), savedAtMs }
      void saved.put(next).then(() => {
        told = next
        channel.tell()
      })
    },
    started: async (leaders) => {
      const write = writeDurably(FILES.process, { leaders })
      await Promise.all([synced, write]).catch(() => undefined)
    },
    ended: (exit) => leave(exit, { caps, channel, cgroup, logs, ground }),
  })
  const caps = new Caps(order, {
    want: (wish) => run.want(wish),
    paused: () => run.paused(),
    changed: async (state) => {
      await kept.put({ ...state, supervisor: process.pid })
      channel.tell()
    },
  })
  function obey(message: Message): void {
    switch (message.type) {
      case 'stop': return run.stop()
      case 'checkpoint': return void run.checkpoint()
      case 'lease': return caps.renew(message.leaseMs)
      case 'cap': return caps.obey(message, channel.epoch)
      case 'hello': return
    }
  }
  process.on('SIGTERM', () => run.abandon('its supervisor was told to end'))
  if (problem !== '') run.fail(problem)
  else {
    // It starts before anybody can listen: the way from an order to a process is the short one.
    await caps.begin()
    run.want(caps.isPaused() ? 'pause' : 'run')
  }
  await channel.listen(FILES.socket)
  say('ready')
  process.stdout.destroy()
  const look = () => {
    run.look()
    setTimeout(look, logs.look() ? FLOOD_LOOK_MS : LOOK_MS)
  }
  look()
}

/** Where its processes will run, or why they cannot. */
async function groundOf(
  order: Order, port: Server): Promise<{ ground: Ground, problem: string }> {
  try {
    const account = await accountOf(order.spec.account)
    const address = port.address()
    port.close()
    const number = typeof address === 'object' ? address?.port ?? 0 : 0
    return { ground: prepare(order, account, number), problem: '' }
  } catch (error) {
    const { folder } = order
    const ground = { account: undefined, folder, directory: folder, port: 0 }
    return { ground, problem: (error as Error).message }
  }
}

type Saved = Pick<Status, 'keptMs' | 'savedAtMs'>

function statusOf(
  { run: name }: Order, run: Run, caps: Caps, status: StatusFile): Omit<Status, keyof Saved> {
  return {
    run: name, supervisor: process.pid, isUp: run.isUp, isPaused: run.isPaused,
    pids: run.leaders.identities.map(({ pid }) => pid), upAtMs: run.upAtMs,
    says: status.says, cap: caps.state,
  }
}

type Parts = {
  readonly ground: Ground
  readonly caps: Caps
  readonly channel: Channel
  readonly cgroup: Cgroup | undefined
  readonly logs: LogKeeper
}

/** Writes how it ended, however long that takes, and only then ends itself. */
async function leave(exit: Exit, { ground, caps, channel, cgroup, logs }: Parts): Promise<void> {
  caps.close()
  cgroup?.remove()
  logs.close()
  clear(ground)
  for (;;) {
    try {
      await writeDurably(FILES.exit, exit)
      break
    } catch (error) {
      // Somebody removed the folder: nobody will ask how it ended.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') break
      await new Promise((done) => {
        setTimeout(done, RETRY_MS)
      })
    }
  }
  // Who does not hang up in time is not waited for.
  setTimeout(() => process.exit(0), RETRY_MS)
  await channel.close()
  process.exit(0)
}

/** Keeps the newest of many values on disk, one write at a time; what fails is tried with the
 * next one. */
class Keeper {
  private next: unknown
  private writing: Promise<void> | undefined

  private readonly path: string

  constructor(path: string) {
    this.path = path
  }

  put(value: unknown): Promise<void> {
    this.next = value
    this.writing ??= this.write()
    return this.writing
  }

  private async write(): Promise<void> {
    while (this.next !== undefined) {
      const value = this.next
      this.next = undefined
      await writeDurably(this.path, value).catch(() => undefined)
    }
    this.writing = undefined
  }
}
