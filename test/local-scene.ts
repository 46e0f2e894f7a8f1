import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine, Gang } from '../src/engines/engine.ts'
import { openLocal, type LocalOptions } from '../src/engines/local/local.ts'
import type { Command, OwnedSpec, Report } from '../src/model/index.ts'
import { specSchema } from '../src/model/spec.ts'

/** Real processes below a real engine in a folder of its own, for tests that wait for reports. */

/** Longer than anything here takes on a busy machine; a test that waits so long has failed. */
const PATIENCE_MS = 30_000
const RATED_W = 100

export type LocalScene = {
  readonly folder: string
  engine: Engine
  readonly reports: Report[]
  /** Waits until it is so, and says after a while what it waited for in vain. */
  readonly until: (what: string, isSo: () => boolean) => Promise<void>
  readonly start: (number: number, spec: Partial<OwnedSpec>, more?: Partial<Gang>) => void
  readonly order: (type: Command['type'], number: number, more?: Partial<Command>) => void
  /** The first report of that kind about a job, once it is there. */
  readonly reported: (number: number, type: Report['type']) => Promise<Report>
  readonly log: (number: number, node?: number) => string
  readonly attempt: (number: number, attempt?: number) => string
  /** As after a crash: another engine on the same folder. */
  readonly reopen: () => Promise<void>
  readonly close: () => Promise<void>
}

export async function localScene(options: Partial<LocalOptions> = {}): Promise<LocalScene> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'millrace-local-'))
  const reports: Report[] = []
  const open = async () => await openLocal({
    leaseMs: 60_000, devices: 'cores', wake: () => undefined, spares: 1, ...options,
    folder,
  })
  const collect = () => scene.engine.collect(performance.now(), reports)
  const attempt = (number: number, count = 1) => join(folder, 'jobs', `${number}`, `${count}`)
  const scene: LocalScene = {
    folder, engine: await open(), reports, attempt,
    until: async (what, isSo) => {
      await until(what, () => {
        collect()
        return isSo()
      })
    },
    start: (number, spec, more) => {
      const command = commandOf('start', number, { capW: RATED_W, safeW: RATED_W, order: 1 })
      scene.engine.send(command, specOf(spec), gangOf(number, more))
    },
    order: (type, number, more) => {
      scene.engine.send(commandOf(type, number, more), undefined)
    },
    reported: async (number, type) => {
      const find = () => reports.find((each) => (
        each.type === type && 'number' in each && each.number === number))
      await scene.until(`${type} of job ${number}`, () => find() !== undefined)
      return find()!
    },
    log: (number, node = 0) => readFileSync(join(attempt(number), `node-${node}.log`), 'utf8'),
    reopen: async () => {
      await scene.engine.close()
      scene.engine = await open()
    },
    close: async () => {
      scene.engine.reconcile([])
      try {
        await scene.until('the end of all', () => scene.engine.nextAtMs() === Infinity)
      } finally {
        // A supervisor whose folder is gone ends with its job, so nothing holds up the tests.
        await scene.engine.close()
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
  return scene
}

export function commandOf(
  type: Command['type'], number: number, more: Partial<Command> = {}): Command {
  return { type, job: number, number, attempt: 1, capW: 0, safeW: 0, order: 0, ...more }
}

export function specOf(spec: Partial<OwnedSpec>): OwnedSpec {
  return { ...specSchema.parse({}), owner: 'somebody', account: '', submittedAtMs: 0, ...spec }
}

export function gangOf(number: number, more: Partial<Gang> = {}): Gang {
  return {
    name: `job ${number}`, nodes: [{ name: 'rack/1', devices: [number], cpus: 1 }], limitMs: 0,
    keptMs: 0, ratedW: RATED_W, ...more,
  }
}

/** Looks every few milliseconds whether it is so. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`)
    await new Promise((done) => {
      setTimeout(done, 5)
    })
  }
}
