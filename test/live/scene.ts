/** A server of the fault suite, with its folder and the jobs that somebody wants of it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { ApiError, Client, type Job, type Submission } from '../../src/api/client.ts'
import { endAll } from './left.ts'
import type { Fault } from './fault.ts'

const SERVER = join(import.meta.dirname, 'server.ts')
const COUNT = join(import.meta.dirname, 'count.sh')
export const TRAIN = [
  'python3', join(import.meta.dirname, '../../examples/train/train.py'), '--steps', '250',
  '--every', '30',
]

/** Longer than anything here takes on a busy machine; a test that waits so long has failed. */
const PATIENCE_MS = 60_000

const NO_FAULT: Fault = { step: 'none', count: 0, ms: 0 }

/** A job that somebody wants, and its number once the server has said that it is taken. */
export type Offer = {
  readonly key: string
  readonly job: Submission
  /** How it is to end. */
  outcome: Job['outcome']
  number: number
}

export type SceneOptions = {
  /** Where all of it lies; without it, a fresh folder. */
  readonly root?: string
  /** The state folder, where it is to lie on another disk. */
  readonly folder?: string
  /** What NODE_OPTIONS says to the server, and so to its supervisors. */
  readonly preload?: string
}

export class Scene {
  readonly root: string
  /** The server's own. */
  readonly folder: string
  /** What jobs and servers write for the test. */
  readonly ground: string
  readonly offers: Offer[] = []
  /** What the server said where it could not make something durable. */
  readonly refusals: string[] = []
  child: ChildProcess | undefined
  /** What the last server said of why it ended. */
  said = ''
  private readonly options: SceneOptions

  constructor(options: SceneOptions = {}) {
    this.options = options
    this.root = options.root ?? mkdtempSync(join(tmpdir(), 'millrace-faults-'))
    this.folder = options.folder ?? join(this.root, 'state')
    this.ground = join(this.root, 'ground')
    for (const path of [this.folder, this.ground]) mkdirSync(path, { recursive: true })
  }

  /** Starts a server that ends itself at a fault; false where it did before it was up. */
  async start(fault: Fault = NO_FAULT): Promise<boolean> {
    const { preload } = this.options
    this.said = ''
    // Compiled once for all servers of a scene.
    const env = { ...process.env, NODE_COMPILE_CACHE: join(this.root, 'cache'),
      ...preload === undefined ? {} : {
        NODE_OPTIONS: `--import=${preload}`, MILLRACE_TEST_CLOCK: join(this.ground, 'clock') } }
    const child = spawn(process.execPath,
      [SERVER, this.folder, this.ground, JSON.stringify(fault)],
      { stdio: ['ignore', 'pipe', 'pipe'], env })
    this.child = child
    child.stderr.on('data', (bytes: Buffer) => { this.said += bytes.toString() })
    return new Promise((done) => {
      child.stdout.on('data', () => done(true))
      child.on('close', () => done(false))
    })
  }

  get isAlive(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null
  }

  get client(): Client {
    const read = (path: string) => readFileSync(path, 'utf8').trim()
    return new Client({
      url: read(join(this.ground, 'url')), token: read(join(this.folder, 'token')), retries: 0,
    })
  }

  /** A job that counts so many steps of 20 ms; nobody is asked for it yet. */
  want(steps: number, more: Partial<Submission> = {}): Offer {
    return this.offer({ spec: { command: ['sh', COUNT, this.ground, `${steps}`] }, ...more })
  }

  /** A small real training job. */
  train(): Offer {
    return this.offer({ spec: { command: TRAIN, checkpointSignal: 'SIGUSR1' } })
  }

  /** A job of a few words for the shell. */
  shell(words: string, spec: Submission['spec'] = {}): Offer {
    return this.offer({ spec: { command: ['sh', '-c', words], ...spec } })
  }

  /**
   * Asks for all jobs that were not taken yet, until they are, or the server is gone, or they were
   * asked for so often.
   */
  async ask(most = Infinity): Promise<void> {
    const isOpen = ({ number }: Offer) => number === 0
    for (let tries = 0; this.isAlive && tries < most && this.offers.some(isOpen); tries++) {
      if (tries > 0) await passed(20)
      const { client } = this
      await Promise.all(this.offers.filter(isOpen).map((offer) => this.askFor(client, offer)))
    }
  }

  /** The same for anything that a server may die of: true once it was answered. */
  async tries(step: (client: Client) => Promise<unknown>): Promise<boolean> {
    try {
      await step(this.client)
      return true
    } catch (error) {
      if (error instanceof ApiError && isPassing(error)) return false
      throw error
    }
  }

  /** The server ends itself, or is ended here. */
  async killed(isSent = false): Promise<void> {
    const child = this.child!
    if (isSent) child.kill('SIGKILL')
    await this.until('the end of the server', () => !this.isAlive)
    if (child.signalCode !== 'SIGKILL') throw new Error(`the server ended: ${this.said}`)
  }

  async stop(): Promise<void> {
    this.child!.kill('SIGTERM')
    await this.until('the server to close', () => !this.isAlive)
    if (this.child!.exitCode !== 0) throw new Error(`the server ended: ${this.said}`)
  }

  async jobs(): Promise<readonly Job[]> {
    const { client } = this
    const phases = ['pending', 'starting', 'running', 'paused', 'ended'] as const
    const pages = await Promise.all(phases.map((phase) => client.jobs({ phase, limit: 1000 })))
    return pages.flatMap(({ items }) => items)
  }

  async ended(): Promise<void> {
    await this.until('the end of all jobs', async () => (
      (await this.jobs()).filter(({ phase }) => phase === 'ended').length === this.offers.length))
  }

  /** Looks every few milliseconds, and says what it waited for where that never comes. */
  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const endMs = performance.now() + PATIENCE_MS
    while (!await isSo()) {
      if (performance.now() > endMs) throw new Error(`waited in vain for ${what}: ${this.said}`)
      await passed(10)
    }
  }

  has(name: string): boolean {
    return existsSync(join(this.ground, name))
  }

  /** Lines that jobs or servers wrote into a file of the ground. */
  lines(name: string): string[] {
    if (!this.has(name)) return []
    return readFileSync(join(this.ground, name), 'utf8').split('\n').filter((line) => line !== '')
  }

  note(name: string, line: string): void {
    appendFileSync(join(this.ground, name), `${line}\n`)
  }

  private async askFor(client: Client, offer: Offer): Promise<void> {
    try {
      const answer = await client.submit(offer.job, { key: offer.key })
      if (!('number' in answer) || answer.number === null) throw new Error(JSON.stringify(answer))
      offer.number = answer.number
    } catch (error) {
      if (!(error instanceof ApiError && isPassing(error))) throw error
      if (error.status !== 0) this.refusals.push(error.message)
    }
  }

  private offer(more: Submission): Offer {
    const key = `offer-${this.offers.length + 1}`
    const offer: Offer = { key, number: 0, outcome: 'completed',
      job: { name: key, cpusPerNode: 1, limitMs: 1_800_000, ...more } }
    this.offers.push(offer)
    return offer
  }

  /** Ends what is left of it, by their numbers. */
  async close(): Promise<void> {
    if (this.isAlive) await this.killed(true)
    await endAll(this.folder)
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** No answer came, or it could not be made durable: it is safe to ask again. */
function isPassing({ status, code }: ApiError): boolean {
  return status === 0 || code === 'not-durable'
}
