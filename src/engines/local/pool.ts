import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { extname } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { readLines } from './channel.ts'
import type { Order } from './order.ts'

/** Supervisors that wait for a job: a start then costs no start of Node. About 40 MB each. */
const SPARES = 4
/** So many are started at a time: the rest of the machine is to go on meanwhile. */
const STARTING_MOST = 2
const REFILL_MS = 100
/** What a supervisor needs of V8 is little. */
const FLAGS = ['--max-old-space-size=64', '--max-semi-space-size=1', '--no-warnings']

/** How a supervisor took its order; `gone`: it ended without a word. */
export type Taken = 'ready' | 'taken' | 'gone'

/**
 * Warm supervisors. One that has taken an order is no longer ours: it lives on by itself. A spare
 * ends when its standard input does, so also when this process is killed.
 */
export class Pool {
  private readonly spares: Spare[] = []
  private starting = 0
  private isClosed = false

  private readonly wanted: number

  constructor(wanted = SPARES) {
    this.wanted = wanted
    this.fill()
  }

  /** Has a supervisor take an order. */
  take(order: Order): Promise<Taken> {
    const spare = this.spares.shift() ?? start()
    const { child } = spare
    // What takes its place is started once the job is on its way.
    setTimeout(() => this.fill(), REFILL_MS)
    return new Promise((done) => {
      const end = (taken: Taken) => {
        done(taken)
        child.stdout.destroy()
      }
      spare.onEnd = () => end('gone')
      spare.onWord = (word) => {
        if (word === 'ready' || word === 'taken') end(word)
      }
      if (spare.isEnded) end('gone')
      else child.stdin.write(`${JSON.stringify(order)}\n`)
    })
  }

  close(): void {
    this.isClosed = true
    for (const { child } of this.spares.splice(0)) child.stdin.end()
  }

  /** Starts what is missing. One that does not come up is tried again with the next job. */
  private fill(): void {
    while (!this.isClosed && this.starting < STARTING_MOST
      && this.spares.length + this.starting < this.wanted) {
      this.starting++
      const spare = start()
      spare.onWord = () => {
        this.starting--
        spare.onEnd = () => this.spares.splice(this.spares.indexOf(spare), 1)
        if (this.isClosed) spare.child.stdin.end()
        else this.spares.push(spare)
        this.fill()
      }
      spare.onEnd = () => this.starting--
    }
  }
}

type Spare = {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  isEnded: boolean
  onWord: (word: string) => void
  onEnd: () => void
}

function start(): Spare {
  const source = fileURLToPath(new URL('./supervisor.ts', import.meta.url))
  // The bundle has its own beside it.
  const program = source.replace(/\.ts$/, extname(import.meta.url))
  const child = spawn(process.execPath, [...FLAGS, program], {
    cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'ignore'],
  })
  const spare: Spare = {
    child, isEnded: false, onWord: () => undefined, onEnd: () => undefined,
  }
  const end = () => {
    if (spare.isEnded) return
    spare.isEnded = true
    spare.onEnd()
  }
  child.on('error', end)
  child.on('exit', end)
  child.stdin.on('error', () => undefined)
  child.stdout.on('error', () => undefined)
  readLines<string>(child.stdout, (word) => spare.onWord(word))
  child.unref()
  return spare
}
