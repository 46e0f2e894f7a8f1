// A journal that was cut at any byte, changed at any byte, or is no journal at all is an InputError
// that names the file and what to do, never a crash; what is whole of it can be kept.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { smallRun } from '../../test/small-run.ts'
import { InputError } from '../model/index.ts'
import type { JournalRecord } from './codec.ts'
import { JournalReader } from './reader.ts'
import { HEAD_BYTES, headOf, JournalWriter, MAGIC } from './writer.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-reader-'))
after(() => rmSync(folder, { recursive: true }))
const sound = join(folder, 'sound.mrj')
const { summary } = smallRun(sound)
const bytes = readFileSync(sound)
const header = MAGIC.length + HEAD_BYTES + bytes.readUInt32BE(MAGIC.length)

test('a sound journal reads to its end, and its hash is the one of the run', () => {
  const reader = new JournalReader(sound)
  const records = [...reader.records()]
  assert.deepEqual(records.at(-1), {
    type: 'end', stateHash: summary.stateHash, events: summary.eventCount,
  })
  assert.equal(reader.journalHash, summary.journalHash)
  reader.close()
})

describe('damage', () => {
  test('a cut at every byte', () => {
    for (let length = 0; length < bytes.length; length++) {
      const error = refused(bytes.subarray(0, length))
      assert.equal(error.exitCode, 3, `cut at ${length}: ${error.message}`)
      assert.match(error.message, new RegExp(`the journal ends .* at byte ${length};`))
      assert.match(error.message, length < header ? /run the twin again/ : /--repair NEW/)
    }
  })

  test('every byte changed, in each of three ways', () => {
    for (let at = 0; at < bytes.length; at++) {
      for (const bits of [0x01, 0x80, 0xff]) {
        const changed = Buffer.from(bytes)
        changed[at] = changed[at]! ^ bits
        const error = refused(changed)
        const isMagic = at < MAGIC.length
        assert.equal(error.exitCode, isMagic ? 2 : 3, `byte ${at}: ${error.message}`)
        if (!isMagic) assert.match(error.message, /at byte \d+.*(--repair NEW|run the twin again)/)
      }
    }
  })

  test('a block that claims a huge length is not allocated', () => {
    const huge = Buffer.concat([bytes.subarray(0, header), Buffer.alloc(100, 0xff)])
    const { exitCode, message } = refused(huge)
    assert.equal(exitCode, 3)
    assert.match(message, /block 2 claims a length of 4294967295 bytes, at byte \d+\..*--repair/)
  })

  test('whole blocks without an end record', () => {
    const { exitCode, message } = refused(bytes.subarray(0, header))
    assert.equal(exitCode, 3)
    assert.match(message, /the journal ends without its end record, at byte/)
  })

  test('bytes after the end record', () => {
    for (const extra of [Buffer.from('x'), Buffer.alloc(100), bytes.subarray(header)]) {
      const { exitCode, message } = refused(Buffer.concat([bytes, extra]))
      assert.equal(exitCode, 3)
      assert.match(message, new RegExp(`bytes after the end record, at byte ${bytes.length}\\.`))
    }
  })

  test('a record of another version, in a block that is sound', () => {
    const { exitCode, message } = refused(withBlock(Buffer.from([200])))
    assert.equal(exitCode, 2)
    assert.match(message, /block 2, record at byte 0 .*: 200 is not the tag of .*version/)
  })
})

describe('no journal', () => {
  test('an empty file, and files that are something else', () => {
    assert.match(refused(Buffer.alloc(0)).message, /ends before its header is complete, at byte 0;/)
    for (const text of ['hello', '{"a":1}\n'.repeat(9), 'MILLRACE-JOURNAL-x\n', '\x1f\x8b\x08']) {
      const { exitCode, message } = refused(Buffer.from(text))
      assert.equal(exitCode, 2)
      assert.match(message, /not a Millrace journal.*Give the journal\.mrj of a run/)
    }
  })

  test('a newer format says which Millrace reads it', () => {
    const newer = refused(Buffer.from('MILLRACE-JOURNAL-12\n and so on'))
    assert.match(newer.message, /the journal has format 12; this Millrace reads formats 3 and 4\. /)
    const inHeader = refused(withHeader({ format: 5, version: '9.1.0' }))
    assert.match(inHeader.message, /has format 5; .*Read it with Millrace 9\.1\.0, which wrote it/)
    assert.deepEqual([newer.exitCode, inHeader.exitCode], [2, 2])
  })

  test('a header that is no JSON object or lacks a key', () => {
    for (const json of ['{"format":', '7', 'null']) {
      assert.match(refused(withHeader(json)).message, /no JSON object.*Run the twin again/)
    }
    const { message } = refused(withHeader({ ...JSON.parse(headerText()), catalogue: undefined }))
    assert.match(message, /does not fit format 4: catalogue: .*Run the twin again/)
  })

  test('no file, a folder, a pipe and a device', () => {
    const sub = join(folder, 'sub')
    const pipe = join(folder, 'pipe')
    mkdirSync(sub)
    execFileSync('mkfifo', [pipe])
    for (const [path, pattern] of [
      [join(folder, 'none'), /there is no such file or folder; check the path/],
      [join(folder, 'x'.repeat(300)), /the name is too long; check the path/],
      [join(sound, 'below'), /a part of the path is a file; check the path/],
      [sub, /this is a folder, not a journal\. Give the journal\.mrj/],
      [pipe, /this is a device or a pipe, not a journal/],
      ['/dev/null', /this is a device or a pipe, not a journal/],
    ] as const) {
      const error = errorOf(() => new JournalReader(path))
      assert.equal(error.exitCode, 2)
      assert.match(error.message, pattern)
    }
  })
})

describe('repair', () => {
  test('keeps whole blocks and ends them, so that the copy reads to its end', () => {
    const path = join(folder, 'long.mrj')
    const records = longJournal(path)
    const whole = readFileSync(path)
    const second = header + HEAD_BYTES + whole.readUInt32BE(header)
    for (const length of [second, second + 1, second + 50, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, length))
      const to = join(folder, `repaired-${length}.mrj`)
      const result = JournalReader.repair(path, to)
      assert.deepEqual(result, { kept: second, lost: length - second })
      const kept = readAll(to)
      const end = kept.pop()
      assert.deepEqual(end, { type: 'end', stateHash: '', events: kept.length })
      assert.deepEqual(kept, records.slice(0, kept.length))
    }
  })

  test('of what was changed keeps what comes before', () => {
    const path = join(folder, 'changed.mrj')
    longJournal(path)
    const changed = readFileSync(path)
    changed[changed.length - 1]! ^= 1
    writeFileSync(path, changed)
    const to = join(folder, 'mended.mrj')
    const { lost } = JournalReader.repair(path, to)
    assert.ok(lost > 0)
    assert.equal(readAll(to).at(-1)!.type, 'end')
  })

  test('drops what follows the end record, and leaves a sound journal as it is', () => {
    for (const extra of ['', 'x', 'much more than the head of a block has, and then some']) {
      const path = join(folder, 'more.mrj')
      writeFileSync(path, Buffer.concat([bytes, Buffer.from(extra)]))
      const to = join(folder, `less-${extra.length}.mrj`)
      const result = JournalReader.repair(path, to)
      assert.deepEqual(result, { kept: bytes.length, lost: extra.length })
      assert.deepEqual(readFileSync(to), bytes)
    }
  })

  test('refuses to replace a file, its own included, and a journal without a header', () => {
    const path = join(folder, 'kept')
    writeFileSync(path, 'mine')
    for (const to of [path, sound]) {
      const error = errorOf(() => JournalReader.repair(sound, to))
      assert.equal(error.exitCode, 2)
      assert.match(error.message, /there is a file already, and it is not replaced/)
    }
    assert.equal(readFileSync(path, 'utf8'), 'mine')
    const cut = join(folder, 'headless')
    writeFileSync(cut, bytes.subarray(0, header - 1))
    const to = join(folder, 'never')
    assert.equal(errorOf(() => JournalReader.repair(cut, to)).exitCode, 3)
    assert.match(errorOf(() => readAll(to)).message, /no such file/)
  })
})

/** Two blocks of records after the header, and the records. */
function longJournal(path: string): JournalRecord[] {
  rmSync(path, { force: true })
  const writer = new JournalWriter(path, JSON.parse(headerText()))
  const records: JournalRecord[] = Array.from({ length: 40_000 }, (_, at) => (
    { type: 'nodes.down', first: at % 100, end: 101, cause: 'fire' }))
  for (const record of records) writer.append(record)
  writer.close('abcd', records.length)
  return records
}

function headerText(): string {
  return bytes.subarray(MAGIC.length + HEAD_BYTES, header).toString()
}

/** A journal of a header alone, which is sound but for what it says. */
function withHeader(json: unknown): Buffer {
  const payload = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json))
  return Buffer.concat([Buffer.from(MAGIC), headOf(Buffer.alloc(32), payload), payload])
}

/** The header and one more block with a right digest. */
function withBlock(payload: Uint8Array): Buffer {
  const digest = bytes.subarray(MAGIC.length + 4, MAGIC.length + HEAD_BYTES)
  return Buffer.concat([bytes.subarray(0, header), headOf(digest, payload), payload])
}

/** What reading a file of these bytes to its end says. */
function refused(content: Uint8Array): InputError {
  const path = join(folder, 'tried')
  // Overwriting a file waits for the disk on some file systems; a new one does not.
  rmSync(path, { force: true })
  writeFileSync(path, content)
  const error = errorOf(() => readAll(path))
  assert.ok(error.message.startsWith(`${path}: `), error.message)
  return error
}

function errorOf(step: () => unknown): InputError {
  try {
    step()
  } catch (error) {
    assert.ok(error instanceof InputError, error instanceof Error ? error.stack : String(error))
    return error
  }
  return assert.fail('it is refused')
}

function readAll(path: string): JournalRecord[] {
  const reader = new JournalReader(path)
  try {
    return [...reader.records()]
  } finally {
    reader.close()
  }
}
