// The file of a journal is what docs/journal.md says: magic, blocks with their length and a chain
// of SHA-256; and a disk that refuses a write is said in words, with no end record left behind.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { InputError, type Event } from '../model/index.ts'
import { FORMAT, type JournalHeader } from './header.ts'
import { JournalReader } from './reader.ts'
import { BLOCK_BYTES, HEAD_BYTES, JournalWriter, MAGIC } from './writer.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-writer-'))
after(() => rmSync(folder, { recursive: true }))

const HEADER: JournalHeader = {
  format: FORMAT, version: '1.2.3', factory: { name: 'small' }, catalogue: 'c0ffee', seed: 7,
  policies: { order: 'fifo', backfill: 'none', place: 'pack' },
}

const down: Event = { type: 'nodes.down', first: 3, end: 5, cause: 'fire' }

test('a short journal, byte for byte', () => {
  const path = join(folder, 'short')
  const writer = new JournalWriter(path, HEADER)
  writer.append({ type: 'turn', atMs: 300 })
  writer.append(down)
  const hash = writer.close('abcd', 1)
  const bytes = readFileSync(path)
  assert.equal(writer.bytesWritten, bytes.length)
  assert.equal(bytes.subarray(0, MAGIC.length).toString(), 'MILLRACE-JOURNAL-1\n')
  const [header, records, ...more] = blocksOf(bytes)
  assert.deepEqual(more, [])
  assert.deepEqual(JSON.parse(header!.payload.toString()), HEADER)
  assert.equal(records!.payload.toString('latin1'),
    '\x00\xac\x02\x0d\x03\x05\x04fire\x02\x04abcd\x01')
  assert.equal(records!.digest, hash)
})

test('each digest covers the one before it and the bytes of its block', () => {
  const path = join(folder, 'chain')
  fill(new JournalWriter(path, HEADER), 40_000)
  const blocks = blocksOf(readFileSync(path))
  let digest: Uint8Array = Buffer.alloc(32)
  for (const block of blocks) {
    digest = createHash('sha256').update(digest).update(block.payload).digest()
    assert.equal(Buffer.from(digest).toString('hex'), block.digest)
  }
})

test('a block is closed once it is full, after a whole record', () => {
  const path = join(folder, 'full')
  fill(new JournalWriter(path, HEADER), 80_000)
  const [, ...blocks] = blocksOf(readFileSync(path))
  assert.equal(blocks.length, 3)
  const record = 8
  for (const { payload } of blocks.slice(0, -1)) {
    assert.ok(payload.length >= BLOCK_BYTES && payload.length < BLOCK_BYTES + record)
    assert.equal(payload.length % record, 0)
  }
  const reader = new JournalReader(path)
  assert.equal([...reader.records()].length, 80_001)
  reader.close()
})

test('without a path the fingerprint is the same', () => {
  const path = join(folder, 'hashed')
  assert.equal(fill(new JournalWriter(path, HEADER), 50_000),
    fill(new JournalWriter(undefined, HEADER), 50_000))
})

test('a write that takes less than all goes on where it stopped', () => {
  const whole = join(folder, 'whole')
  const slow = join(folder, 'slow')
  fill(new JournalWriter(whole, HEADER), 100)
  fill(new JournalWriter(slow, HEADER, (file, bytes, from) =>
    writeSync(file, bytes, from, Math.min(7, bytes.length - from))), 100)
  assert.deepEqual(readFileSync(slow), readFileSync(whole))
})

test('a full disk at any byte is an InputError with exit code 4, and no end is written', () => {
  const whole = join(folder, 'room')
  fill(new JournalWriter(whole, HEADER), 5)
  const { length } = readFileSync(whole)
  for (let room = 0; room < length; room++) {
    const path = join(folder, `room-${room}`)
    const error = errorOf(() => fill(new JournalWriter(path, HEADER, disk(room)), 5))
    assert.equal(error.exitCode, 4)
    assert.equal(error.message, `${path}: writing the journal at byte ${room} stopped: the disk is `
      + 'full; free some space or write to another disk, then run again (ENOSPC).')
    assert.equal(readFileSync(path).length, room)
    assert.equal(errorOf(() => readAll(path)).exitCode, 3, 'it does not pass for a whole journal')
  }
})

test('after a failed write every call fails the same way, and closing twice does no harm', () => {
  const path = join(folder, 'broken')
  const writer = new JournalWriter(path, HEADER, disk(400))
  const first = errorOf(() => fill(writer, 40_000))
  assert.equal(errorOf(() => fill(writer, 40_000)), first)
  assert.equal(errorOf(() => writer.close('abcd', 1)), first)
  writer.abandon()
  writer.abandon()
})

test('a journal never replaces a file, and needs its folder', () => {
  const path = join(folder, 'taken')
  writeFileSync(path, 'mine')
  const taken = errorOf(() => new JournalWriter(path, HEADER))
  assert.equal(taken.exitCode, 2)
  assert.match(taken.message, /there is a file already.* give another name \(EEXIST\)/)
  assert.equal(readFileSync(path, 'utf8'), 'mine')
  const lost = errorOf(() => new JournalWriter(join(folder, 'no/such'), HEADER))
  assert.equal(lost.exitCode, 2)
  assert.match(lost.message, /no such file or folder; check the path/)
})

/** Appends records of eight bytes each and closes. */
function fill(writer: JournalWriter, records: number): string {
  for (let at = 0; at < records; at++) writer.append(down)
  return writer.close('abcd', records)
}

/** A disk with room for so many bytes. */
function disk(room: number) {
  let left = room
  return (file: number, bytes: Uint8Array, from: number) => {
    if (left === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    const count = writeSync(file, bytes, from, Math.min(left, bytes.length - from))
    left -= count
    return count
  }
}

function errorOf(step: () => unknown): InputError {
  try {
    step()
  } catch (error) {
    assert.ok(error instanceof InputError, String(error))
    return error
  }
  return assert.fail('it is refused')
}

function readAll(path: string): void {
  const reader = new JournalReader(path)
  try {
    for (const record of reader.records()) assert.notEqual(record.type, 'end')
  } finally {
    reader.close()
  }
}

function blocksOf(bytes: Buffer): { digest: string, payload: Buffer }[] {
  const blocks = []
  for (let at = MAGIC.length; at < bytes.length;) {
    const end = at + HEAD_BYTES + bytes.readUInt32BE(at)
    const digest = bytes.subarray(at + 4, at + HEAD_BYTES).toString('hex')
    blocks.push({ digest, payload: bytes.subarray(at + HEAD_BYTES, end) })
    at = end
  }
  return blocks
}
