import { cpSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createState, hashState } from '../src/core/state.ts'
import { Twin } from '../src/engines/twin/twin.ts'
import { ByteWriter } from '../src/journal/bytes.ts'
import { encodeRecord, encodeTurn, type JournalRecord } from '../src/journal/codec.ts'
import { Database } from '../src/journal/database.ts'
import { catalogueOf, FORMAT } from '../src/journal/header.ts'
import { DATABASE } from '../src/journal/schema.ts'
import { keptBy } from '../src/journal/settings.ts'
import { digestOf } from '../src/journal/snapshots.ts'
import { saveSnapshot } from '../src/journal/snapshot.ts'
import { openStore } from '../src/journal/sqlite.ts'
import type { Plant } from '../src/model/index.ts'
import { policiesOf } from '../src/policies/index.ts'
import { rebuild } from '../src/run/live/rebuild.ts'
import { loopSteps } from '../src/run/loop.ts'
import { Recorder } from '../src/run/record.ts'
import { VERSION } from '../src/run/version.ts'
import { factoryOf } from './factory.ts'
import type { Figure, Row } from './figure.ts'
import { JobStream } from './jobs.ts'

const NODES = 10_000
const RECORDS = 1_000_000

/** Records of a batch: a turn of a busy factory has so many, and one that catches up has more. */
const BATCH_RECORDS = 10

const GOAL = { most: 5 }

const NAMES = { order: 'fifo', backfill: 'easy', place: 'pack' }

/**
 * A factory comes up from its journal: the database is opened, every block checked, and the state
 * built. Once from the first record on, and once from a snapshot in the middle.
 */
export const restart: Figure = {
  name: 'store-restart',
  summary: 'a factory comes up from a live journal of 1,000,000 records',
  run: async () => {
    // It is made in memory, where there is such a disk: each batch is synced.
    const made = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'millrace-made-'))
    const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
    try {
      const { plant, hash } = make(join(made, 'store'))
      const rows: Row[] = []
      for (const [name, isSnapshot] of [['store-restart', false], ['store-restart-snap', true]] as
        const) {
        const to = join(folder, name)
        cpSync(join(made, 'store'), to, { recursive: true })
        if (!isSnapshot) dropSnapshots(to)
        rows.push(await comeUp(name, to, plant, hash))
      }
      return rows
    } finally {
      rmSync(made, { recursive: true })
      rmSync(folder, { recursive: true })
    }
  },
}

/** Runs the twin until there are so many records; keeps them as a live factory would. */
function make(folder: string): { plant: Plant, hash: string } {
  const { plant, document } = factoryOf(NODES, true)
  const database = new Database(folder, JSON.stringify({
    format: FORMAT, version: VERSION, factory: document, catalogue: catalogueOf(plant), seed: 1,
    policies: NAMES,
  }), keptBy({}))
  const state = createState(plant)
  const twin = new Twin(state, 1)
  const { policies, rankOf } = policiesOf(NAMES)
  const journal = new Batches(database)
  const source = new JobStream({
    jobs: RECORDS, nodes: NODES, loadRatio: 0.92, gpusPerNode: 8, everyS: 30, atOnce: 0,
  })
  const steps = loopSteps({
    state, twin, source, policies, rankOf, journal, recorder: new Recorder(state, twin),
    round: { decisions: 0, refused: 0, lastProblem: '' }, checkEvery: 0,
    onBroken: (problems) => { throw new Error(problems[0]) },
  }, Infinity)
  let isKept = false
  while (journal.records < RECORDS && steps.next().done !== true) {
    if (isKept || journal.records < RECORDS / 2) continue
    isKept = true
    journal.flush()
    const snapshot = saveSnapshot(state)
    const seq = database.beginSnapshot()
    database.putPart(seq, 0, snapshot)
    database.endSnapshot(seq, snapshot.length, digestOf(snapshot))
  }
  journal.flush()
  database.close()
  return { plant, hash: hashState(state) }
}

/** Takes the loop's records and appends them in batches, each of whole turns. */
class Batches {
  records = 0
  private readonly database: Database
  private readonly writer = new ByteWriter()
  private readonly clock = { atMs: 0 }
  private fromMs = 0
  private pending = 0

  constructor(database: Database) {
    this.database = database
  }

  turn(atMs: number): void {
    if (this.pending >= BATCH_RECORDS) this.flush()
    encodeTurn(atMs, this.writer, this.clock)
    this.count()
  }

  append(record: JournalRecord): void {
    encodeRecord(record, this.writer, this.clock)
    this.count()
  }

  flush(): void {
    const bytes = this.writer.bytes.slice(0, this.writer.length)
    this.database.append({ fromMs: this.fromMs, bytes, specs: [], audits: [] })
    this.writer.length = 0
    this.pending = 0
    this.fromMs = this.clock.atMs
  }

  private count(): void {
    this.records++
    this.pending++
  }
}

function dropSnapshots(folder: string): void {
  const db = new DatabaseSync(join(folder, DATABASE))
  db.exec('DELETE FROM snapshots; DELETE FROM parts')
  db.close()
}

async function comeUp(name: string, folder: string, plant: Plant, hash: string): Promise<Row> {
  const startMs = performance.now()
  const store = await openStore(folder, undefined)
  const openMs = performance.now() - startMs
  const { lastSeq, snapshotSeq, snapshot } = store.opened
  const { state, records } = await rebuild(store, plant, lastSeq)
  const value = (performance.now() - startMs) / 1e3
  await store.close()
  if (hashState(state) !== hash) throw new Error('it came up with another state')
  return {
    name, value, unit: 's', goal: GOAL, isCpu: false,
    detail: {
      records: RECORDS, replayed: records, blocks: lastSeq, snapshotSeq, openMs,
      snapshotBytes: snapshot?.length ?? 0, nodes: NODES,
      databaseBytes: statSync(join(folder, DATABASE)).size,
    },
  }
}
