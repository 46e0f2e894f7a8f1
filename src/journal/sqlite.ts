import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { InputError } from '../model/index.ts'
import type { Begun, Call, Method, Reply } from './database-worker.ts'
import type { Database, OpenedRaw } from './database.ts'
import { readHeader, type JournalHeader } from './header.ts'
import { DATABASE } from './schema.ts'
import { keptBy, type StoreSettings, type WallClock } from './settings.ts'
import { digestOf, PART_BYTES } from './snapshots.ts'
import type { Store } from './store.ts'

/** The worker lies beside this file, as a source or in the bundle. */
const WORKER = new URL(
  `./database-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/**
 * Opens the journal of a folder, or makes it with that header where there is none; without a
 * header it must be there. Another process or store that has it open makes this reject, with its
 * pid. The database works in a thread of its own, so a slow disk holds up nobody but who waits.
 */
export async function openStore(
  folder: string, fresh: JournalHeader | undefined, settings: StoreSettings = {},
  wallMs: WallClock = Date.now): Promise<Store> {
  const header = fresh === undefined ? '' : JSON.stringify(fresh)
  const thread = new Thread({ folder, header, kept: keptBy(settings) })
  const raw = await thread.begun as OpenedRaw
  let read: JournalHeader
  try {
    read = readHeader(join(folder, DATABASE), Buffer.from(raw.header))
  } catch (error) {
    await thread.end()
    throw error
  }
  return storeOf(thread, { ...raw, header: read, path: join(folder, DATABASE) }, wallMs)
}

function storeOf(thread: Thread, opened: Store['opened'], wallMs: WallClock): Store {
  return {
    opened,
    append: (batch) => thread.call('append', batch),
    keep: async (snapshot, live) => {
      const seq = await thread.call('beginSnapshot')
      for (let at = 0; at < snapshot.length; at += PART_BYTES) {
        await thread.call('putPart', seq, at / PART_BYTES, snapshot.slice(at, at + PART_BYTES))
      }
      await thread.call('endSnapshot', seq, snapshot.length, digestOf(snapshot))
      await thread.call('forget', wallMs(), live)
      while (await thread.call('archive'));
    },
    blocksAfter: (seq, most) => thread.call('blocksAfter', seq, most),
    specOf: (number) => thread.call('specOf', number),
    answered: (key) => thread.call('answered', key),
    audit: (before, most) => thread.call('audit', before, most),
    backup: (path) => thread.call('backup', path),
    close: () => thread.end(),
  }
}

type Waiting = {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Result<Name extends Method> = Promise<Awaited<ReturnType<Database[Name]>>>

/** Calls into the worker, answered in order, and what becomes of them when it dies. */
class Thread {
  readonly begun: Promise<unknown>
  private readonly worker: Worker
  private readonly waiting = new Map<number, Waiting>()
  private readonly exited: Promise<void>
  private ended: unknown
  private calls = 0

  constructor(begun: Begun) {
    this.worker = new Worker(WORKER, { workerData: begun })
    this.begun = new Promise((resolve, reject) => this.waiting.set(0, { resolve, reject }))
    this.worker.on('message', (reply: Reply) => this.settle(reply))
    this.exited = new Promise((resolve) => {
      this.worker.on('error', (error) => this.fail(error))
      this.worker.on('exit', () => {
        this.fail(new InputError(`${begun.folder}: the journal is closed. Open it again.`, 4))
        resolve()
      })
    })
  }

  call<Name extends Method>(
    method: Name, ...values: Parameters<Database[Name]>): Result<Name> {
    const id = ++this.calls
    return new Promise((resolve, reject) => {
      if (this.ended !== undefined) return reject(this.ended)
      this.waiting.set(id, { resolve: resolve as Waiting['resolve'], reject })
      this.worker.postMessage({ id, method, values } satisfies Call, [])
    })
  }

  /** Closes the database, if it is open, and waits until the thread is gone. */
  async end(): Promise<void> {
    if (this.ended === undefined) await this.call('close')
    await this.exited
  }

  private settle(reply: Reply): void {
    const waiting = this.waiting.get(reply.id)
    this.waiting.delete(reply.id)
    if ('problem' in reply) waiting?.reject(errorOf(reply.problem, reply.exitCode))
    else waiting?.resolve(reply.value)
  }

  private fail(error: unknown): void {
    this.ended ??= error
    for (const { reject } of this.waiting.values()) reject(this.ended)
    this.waiting.clear()
  }
}

function errorOf(problem: string, exitCode: number): Error {
  return exitCode === 0 ? new Error(problem) : new InputError(problem, exitCode)
}
