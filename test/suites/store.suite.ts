import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FORMAT, type JournalHeader } from '../../src/journal/header.ts'
import { ROW_BYTES, type StoreSettings, type WallClock } from '../../src/journal/settings.ts'
import type { Audit, Batch, Store } from '../../src/journal/store.ts'
import { specSchema, type OwnedSpec } from '../../src/model/index.ts'

export const HEADER: JournalHeader = {
  format: FORMAT, version: '1.2.3', factory: { name: 'small' }, catalogue: 'c0ffee', seed: 7,
  policies: { order: 'fifo', backfill: 'none', place: 'pack' },
}

/** Where a store is kept: every call makes another, empty place. */
export type Place = {
  readonly open: (
    header: JournalHeader | undefined, settings?: StoreSettings, wallMs?: WallClock,
  ) => Promise<Store>
}

/** What every store must hold, whatever keeps it. Faults of disks are tested beside the store. */
export function storeSuite(name: string, placeOf: () => Place): void {
  kept(name, placeOf)
  audited(name, placeOf)
  snapshots(name, placeOf)
  forgotten(name, placeOf)
  closed(name, placeOf)
}

/** A batch whose bytes tell which one it is. */
export function batchOf(number: number, more: Partial<Batch> = {}): Batch {
  return { fromMs: number * 10, bytes: bytesOf(number), specs: [], audits: [], ...more }
}

export function bytesOf(number: number): Uint8Array {
  return Uint8Array.from({ length: number % 7 * 50 }, (_, at) => (number + at) % 256)
}

export function auditOf(number: number, more: Partial<Audit> = {}): Audit {
  return {
    key: `key ${number}`, digest: `digest ${number}`, who: 'ann', from: '127.0.0.1', atMs: number,
    intent: '{"type":"cancel"}', answer: `{"number":${number}}`, ...more,
  }
}

export function specOf(submittedAtMs: number, command: string): OwnedSpec {
  return { ...specSchema.parse({ command: [command] }), owner: 'ann', account: '', submittedAtMs }
}

/** Opens, does something and closes again. */
export async function within<Value>(
  place: Place, step: (store: Store) => Promise<Value>, settings: StoreSettings = {},
  header: JournalHeader | undefined = HEADER): Promise<Value> {
  const store = await place.open(header, settings)
  try {
    return await step(store)
  } finally {
    await store.close()
  }
}

function kept(name: string, placeOf: () => Place): void {
  test(`${name}: what was appended is there after it was opened again, in order`, async () => {
    const place = placeOf()
    const first = await within(place, async (store) => {
      assert.deepEqual([store.opened.lastSeq, store.opened.snapshotSeq], [0, 0])
      assert.equal(store.opened.snapshot, undefined)
      for (let number = 1; number <= 20; number++) {
        const specs = [{ number, spec: specOf(1, `job-${number}`) }]
        await store.append(batchOf(number, { specs }))
      }
      return store.opened
    })
    await within(place, async (store) => {
      assert.deepEqual(store.opened.header, HEADER)
      assert.equal(store.opened.epoch, first.epoch + 1)
      assert.equal(store.opened.lastSeq, 20)
      const expected = (from: number, to: number) => Array.from({ length: to - from + 1 },
        (_, at) => ({ seq: from + at, fromMs: (from + at) * 10, bytes: bytesOf(from + at) }))
      assert.deepEqual(plain(await store.blocksAfter(0, 100)), expected(1, 20))
      assert.deepEqual(plain(await store.blocksAfter(7, 5)), expected(8, 12))
      assert.deepEqual(await store.blocksAfter(20, 5), [])
      assert.deepEqual(await store.specOf(4), specOf(1, 'job-4'))
      assert.equal(await store.specOf(21), undefined)
      await store.append(batchOf(21))
      assert.equal((await store.blocksAfter(20, 5))[0]!.seq, 21)
    })
  })

  test(`${name}: the header is the first one; without one it must be there`, async () => {
    const place = placeOf()
    await assert.rejects(place.open(undefined), /there is no journal/)
    await within(place, async () => {})
    await within(place, async ({ opened }) => {
      assert.equal(opened.header.seed, HEADER.seed)
    }, {}, { ...HEADER, seed: 99 })
  })

  test(`${name}: bytes are copied when they are appended, and nobody shares them`, async () => {
    await within(placeOf(), async (store) => {
      const bytes = bytesOf(3)
      const appended = store.append({ ...batchOf(3), bytes })
      bytes.fill(0)
      await appended
      const [block] = await store.blocksAfter(0, 1)
      assert.deepEqual(block!.bytes, bytesOf(3))
      block!.bytes.fill(0)
      assert.deepEqual((await store.blocksAfter(0, 1))[0]!.bytes, bytesOf(3))
    })
  })
}

function audited(name: string, placeOf: () => Place): void {
  test(`${name}: who asked for what, the newest first, and what a key was answered`, async () => {
    const place = placeOf()
    await within(place, async (store) => {
      await store.append(batchOf(1, { audits: [auditOf(1), auditOf(2, { key: '' })] }))
      await store.append(batchOf(2, { audits: [auditOf(3, { key: '' })] }))
    })
    await within(place, async (store) => {
      const rows = await store.audit(Number.MAX_SAFE_INTEGER, 2)
      assert.deepEqual(rows.map(({ atMs, key }) => [atMs, key]), [[3, ''], [2, '']])
      const [first, ...none] = await store.audit(rows[1]!.id, 10)
      const { id, ...audit } = first!
      assert.deepEqual([audit, none], [auditOf(1), []])
      assert.deepEqual(await store.audit(id, 10), [])
      assert.deepEqual({ ...await store.answered('key 1') },
        { digest: 'digest 1', answer: '{"number":1}' })
      assert.equal(await store.answered('key 2'), undefined)
      assert.equal(await store.answered(''), undefined)
    })
  })
}

function snapshots(name: string, placeOf: () => Place): void {
  test(`${name}: the last snapshot comes back, whole, with its block`, async () => {
    const place = placeOf()
    await within(place, async (store) => {
      for (const number of [1, 2, 3]) {
        await store.append(batchOf(number))
        await store.keep(snapshotOf(number))
      }
      await store.append(batchOf(4))
    })
    await within(place, async ({ opened, keep }) => {
      assert.deepEqual([opened.snapshotSeq, opened.lastSeq], [3, 4])
      assert.deepEqual(Uint8Array.from(opened.snapshot!), snapshotOf(3))
      await keep(snapshotOf(8))
      await keep(snapshotOf(9))
    })
    await within(place, async ({ opened }) => {
      assert.equal(opened.snapshotSeq, 4)
      assert.deepEqual(Uint8Array.from(opened.snapshot!), snapshotOf(9))
    })
  })

  test(`${name}: a batch that comes while a snapshot is kept is not part of it`, async () => {
    const place = placeOf()
    await within(place, async (store) => {
      await store.append(batchOf(1))
      const keeping = store.keep(snapshotOf(1))
      await store.append(batchOf(2))
      await keeping
    })
    await within(place, async ({ opened }) => {
      assert.deepEqual([opened.snapshotSeq, opened.lastSeq], [1, 2])
    })
  })
}

function forgotten(name: string, placeOf: () => Place): void {
  test(`${name}: rows go when they are older than they are kept for, specs of live jobs never`,
    async () => {
      let wallMs = 1000
      const settings = { auditKeepMs: 500, keyKeepMs: 200, specKeepMs: 500 }
      const store = await placeOf().open(HEADER, settings, () => wallMs)
      try {
        await store.append(batchOf(1, {
          audits: [auditOf(1, { atMs: 1000 }), auditOf(2, { atMs: 1400 })],
          specs: [1, 2].map((number) => ({ number, spec: specOf(1000, `job-${number}`) })),
        }))
        wallMs = 1300
        await store.keep(snapshotOf(1), [])
        assert.equal(await store.answered('key 1'), undefined)
        assert.ok(await store.answered('key 2'))
        assert.equal((await store.audit(9, 9)).length, 2)
        assert.ok(await store.specOf(1))
        wallMs = 1550
        await store.keep(snapshotOf(1))
        assert.deepEqual((await store.audit(9, 9)).map(({ atMs }) => atMs), [1400])
        assert.ok(await store.specOf(1), 'without a list no spec goes')
        await store.keep(snapshotOf(1), [2])
        assert.equal(await store.specOf(1), undefined)
        assert.ok(await store.specOf(2))
        // A key that was forgotten may come again.
        await store.append(batchOf(2, { audits: [auditOf(1)] }))
      } finally {
        await store.close()
      }
    })

  test(`${name}: old blocks go once two snapshots cover them, and no others`, async () => {
    const place = placeOf()
    const settings = { historyBytes: 4 * ROW_BYTES }
    await within(place, async (store) => {
      for (let number = 1; number <= 10; number++) await store.append(batchOf(7 * number))
      await store.keep(snapshotOf(1))
      assert.equal((await store.blocksAfter(0, 1))[0]!.seq, 1, 'one snapshot covers nothing')
      await store.append(batchOf(7))
      await store.keep(snapshotOf(2))
      assert.deepEqual((await store.blocksAfter(0, 99)).map(({ seq }) => seq), [8, 9, 10, 11])
    }, settings)
    await within(place, async (store) => {
      assert.deepEqual([store.opened.lastSeq, store.opened.snapshotSeq], [11, 11])
      for (let number = 1; number <= 10; number++) await store.append(batchOf(7 * number))
      await store.keep(snapshotOf(3))
      assert.equal((await store.blocksAfter(0, 1))[0]!.seq, 12, 'those after the older one stay')
    }, settings)
  })
}

function closed(name: string, placeOf: () => Place): void {
  test(`${name}: only one has it open, and a closed one refuses`, async () => {
    const place = placeOf()
    const store = await place.open(HEADER)
    await assert.rejects(place.open(HEADER), new RegExp(`pid ${process.pid}\\) uses this `))
    await store.append(batchOf(1))
    await store.close()
    await store.close()
    await assert.rejects(store.append(batchOf(2)), /the journal is closed\. Open it again/)
    await assert.rejects(store.specOf(1), /the journal is closed/)
    await within(place, async ({ opened }) => assert.equal(opened.lastSeq, 1))
  })
}

/** More than one part of it, the last one short. */
export function snapshotOf(number: number): Uint8Array {
  return new Uint8Array(1_500_000).fill(number)
}

function plain(blocks: Awaited<ReturnType<Store['blocksAfter']>>): object[] {
  return blocks.map((block) => ({ ...block, bytes: Uint8Array.from(block.bytes) }))
}
