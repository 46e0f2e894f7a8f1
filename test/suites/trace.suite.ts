// What every trace format has to do. A format joins by being registered in src/traces/index.ts.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { fromSeconds } from '../../src/base/units.ts'
import { InputError } from '../../src/model/error.ts'
import type { Trace, TraceJob } from '../../src/model/arrival.ts'
import type { TableFormat, TraceFormat } from '../../src/traces/format.ts'
import { plainJob } from '../plain-job.ts'
import { readTrace } from '../../src/traces/read.ts'

/** A folder of its own, and a way to read text or bytes through a file in it. */
type Bench = {
  readonly path: string
  readonly read: (content: string | Buffer) => Promise<Trace>
  /** Reads what is wrong and returns the message after the path. */
  readonly refuse: (content: string | Buffer) => Promise<string>
}

export function traceSuite(format: TraceFormat): void {
  describe(`trace format ${format.name}`, () => {
    const bench = benchOf(format)
    testExample(format, bench)
    testFiles(format, bench)
    testWrongFiles(format, bench)
    if (!('rowOf' in format)) return
    testRows(format, bench)
    testOrder(format, bench)
    testWrongRows(format, bench)
    testWrongTables(format, bench)
    testRoundTrip(format, bench)
  })
}

export function benchOf(format: TraceFormat): Bench {
  const folder = mkdtempSync(join(tmpdir(), `millrace-${format.name}-`))
  after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'trace')
  const read = (content: string | Buffer) => {
    writeFileSync(path, content)
    return readTrace(format.name, path)
  }
  return { path, read, refuse: (content) => messageOf(read(content), path) }
}

/** Jobs with whole seconds, as every format can write them. */
export function textOf(format: TableFormat, jobs: readonly TraceJob[]): string {
  const head = format.header === '' ? '' : `${format.header}\n`
  return head + jobs.map((job, row) => `${format.rowOf(job, row)}\n`).join('')
}

async function messageOf(reading: Promise<Trace>, path: string): Promise<string> {
  let message = ''
  await assert.rejects(reading, (error) => {
    assert.ok(error instanceof InputError, `an InputError, not ${String(error)}`)
    assert.ok(error.message.startsWith(`${path}:`), `${error.message} begins with the path`)
    assert.match(error.message, /;|: fetch it again/, 'it says what would do')
    message = error.message.slice(path.length + 1)
    return true
  })
  return message
}

/** Line on which the rows of `textOf` begin. */
function firstLine(format: TableFormat): number {
  return format.header === '' ? 1 : 2
}

function someJobs(count: number): TraceJob[] {
  return Array.from({ length: count }, (_, row) =>
    plainJob(`${row + 1}`, fromSeconds(10 * row), 1 + row, fromSeconds(60 + row)))
}

/** Jobs as a trace of the format has them: from the first one on where a calendar tells times. */
function fromStart(format: TraceFormat, jobs: readonly TraceJob[]): TraceJob[] {
  const startMs = format.times === 'calendar' ? jobs[0]?.submitAtMs ?? 0 : 0
  return jobs.map((job) => ({ ...job, submitAtMs: job.submitAtMs - startMs }))
}

function testExample(format: TraceFormat, { path, read }: Bench): void {
  test('reads its example in order, and counts what it skips', async () => {
    const trace = await read(format.example)
    assert.equal(trace.format, format.name)
    assert.equal(trace.path, path)
    assert.ok(trace.jobs.length > 1)
    for (const [row, job] of [...trace.jobs].entries()) {
      assert.equal(trace.jobs.submitAtMs(row), job.submitAtMs)
      assert.ok(row === 0 || job.submitAtMs >= trace.jobs.submitAtMs(row - 1))
      assert.ok(Number.isInteger(job.submitAtMs) && Number.isInteger(job.workMs))
      assert.ok(job.gpus + job.nodes > 0 && job.workMs > 0)
    }
    // Each example has a row that is no job, so that readers of it see that this is all right.
    const lines = format.example.split('\n')
    assert.ok(trace.skipped.length > 0)
    for (const { cause, count, firstLine: line } of trace.skipped) {
      assert.ok(cause !== '' && count > 0)
      assert.ok(lines[line - 1] !== undefined)
    }
  })
}

function testFiles(format: TraceFormat, { read }: Bench): void {
  test('reads gzip, CRLF, a byte order mark, empty lines and no last newline alike', async () => {
    const plain = plainly(await read(format.example))
    const crlf = format.example.replaceAll('\n', '\r\n')
    for (const content of [
      gzipSync(format.example),
      Buffer.concat([gzipSync(format.example.slice(0, 70)), gzipSync(format.example.slice(70))]),
      crlf,
      gzipSync(crlf),
      `\ufeff${format.example}`,
      `${format.example}\n  \n`,
      format.example.trimEnd(),
    ]) assert.deepEqual(plainly(await read(content)), plain)
  })
}

/** A trace whose jobs can be compared. */
function plainly(trace: Trace) {
  return { ...trace, jobs: [...trace.jobs] }
}

function testWrongFiles(format: TraceFormat, { path, refuse, read }: Bench): void {
  test('refuses what is no trace', async () => {
    assert.match(await refuse(''), /^1: the file is empty; /)
    const junk = Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919 + 128) % 256))
    assert.match(await refuse(junk), /^\d+: /)
    assert.match(await refuse(gzipSync(junk)), /^\d+: /)
    assert.match(await refuse(`${format.example}\0\0`), /0x00, so this is not text/)
    assert.match(await refuse(Buffer.from(`\ufeff${format.example}`, 'utf16le')), /^1: .*UTF-16/)
    const lines = format.example.split('\n').length
    assert.match(await refuse(`${format.example}${'9'.repeat(1048577)}`),
      new RegExp(`^${lines}: the line is longer than 1,048,576 bytes`))
    assert.match(await refuse(Buffer.from('PK\u0003\u0004rest')), /zip archive/)
  })

  test('refuses a gzip that is cut off', async () => {
    const packed = gzipSync(format.example)
    assert.match(await refuse(packed.subarray(0, 5)), /^1: the gzip file is cut off/)
    assert.match(await refuse(packed.subarray(0, -4)), /^\d+: the gzip file is cut off/)
  })

  test('refuses a file that is not there, or a folder', async () => {
    await assert.rejects(readTrace(format.name, `${path}-none`), /: there is no such file; /)
    await assert.rejects(readTrace(format.name, tmpdir()), /: this is a folder; /)
    assert.ok((await read(format.example)).jobs.length > 0)
  })
}

function testRows(format: TableFormat, { read }: Bench): void {
  test('skips a job that ran no time, with its line', async () => {
    const jobs = someJobs(5).map((job, row) => row === 1 || row === 3 ? { ...job, workMs: 0 } : job)
    const trace = await read(textOf(format, jobs))
    assert.equal(trace.jobs.length, 3)
    assert.deepEqual(trace.skipped,
      [{ cause: 'ran for 0 s', count: 2, firstLine: firstLine(format) + 1 }])
  })

  test('reads lines that chunks cut in two', async () => {
    const jobs = someJobs(20000)
    const trace = await read(textOf(format, jobs))
    assert.deepEqual([...trace.jobs], jobs)
  })
}

function testOrder(format: TableFormat, { read, refuse }: Bench): void {
  const line = firstLine(format) + 1
  const jobs = someJobs(4)
  const late = jobs.map((job, row) => row === 1 ? { ...job, submitAtMs: 9e15 } : job)
  const back = jobs.map((job, row) => row === 3 ? { ...job, submitAtMs: 12000 } : job)

  test('keeps the order of the file where times are equal', async () => {
    const same = someJobs(9).map((job) => ({ ...job, submitAtMs: 5000 }))
    const trace = await read(textOf(format, same))
    assert.deepEqual(Array.from(trace.jobs, (job) => job.id), same.map((job) => job.id))
  })

  if (format.times === 'ordered') {
    test('refuses times that are negative, beyond all bounds, or go back', async () => {
      assert.match(await refuse(textOf(format, late)), new RegExp(`^${line}: .*40 years`))
      const negative = jobs.map((job, row) => row === 1 ? { ...job, submitAtMs: -4000 } : job)
      assert.match(await refuse(textOf(format, negative)), new RegExp(`^${line}: .*"-4"`))
      assert.match(await refuse(textOf(format, back)), new RegExp(
        `^${line + 2}: it is submitted at 12 s, before line ${line + 1} at 20 s; `))
    })
    return
  }

  test('sorts by time, and refuses times beyond all bounds', async () => {
    const { jobs: sorted } = await read(textOf(format, back))
    assert.deepEqual([...sorted], [jobs[0], jobs[1], back[3], jobs[2]])
    assert.match(await refuse(textOf(format, late)), new RegExp(`^${line}: .*"9000000000000"`))
    const apart = jobs.map((job, row) => row === 1 ? { ...job, submitAtMs: 5e12 } : job)
    assert.match(await refuse(textOf(format, apart)),
      new RegExp(`^${line - 1}: .* before the one on line ${line}; .*40 years`))
  })
}

function testWrongRows(format: TableFormat, { refuse, read }: Bench): void {
  const line = firstLine(format) + 1
  const marked = someJobs(4).map((job, row) => row === 1 ? { ...job, gpus: 7654321 } : job)
  const bad = (digits: string) => refuse(textOf(format, marked).replaceAll('7654321', digits))

  test('names the line and the text of a bad number', async () => {
    for (const text of ['7x7', 'NaN', 'Infinity', '1e400', '-5', '1.5', '0x10', '12 34']) {
      const message = await bad(text)
      assert.match(message, new RegExp(`^${line}: `), `${text}: ${message}`)
      if (!text.includes(' ')) assert.ok(message.includes(`"${text}"`), message)
    }
  })

  test('refuses a repeated id and names both lines', async () => {
    const rows = textOf(format, someJobs(3)).trimEnd()
    const repeated = `${rows}\n${rows.split('\n').at(-1)!}\n`
    assert.match(await refuse(repeated), new RegExp(
      `^${line + 2}: the id "3" is already on line ${line + 1}; `))
  })

  test('refuses rows and headers that lack a column, and names it', async () => {
    const whole = textOf(format, someJobs(2))
    const separator = ['|', ','].find((each) => format.header.includes(each)) ?? ' '
    assert.match(await refuse(`${whole.slice(0, whole.lastIndexOf(separator))}\n`),
      new RegExp(`^${line}: the row has \\d+ fields`))
    let refused = 0
    for (const [field, column] of format.header.split(separator).entries()) {
      if (format.header === '') break
      const without = whole.trimEnd().split('\n')
        .map((row) => row.split(separator).toSpliced(field, 1).join(separator))
      const reading = read(without.join('\n'))
      const message = await reading.then(() => '', (error: Error) => error.message)
      if (message === '') continue
      refused++
      assert.match(message, new RegExp(`:1: the column ${column} is missing; found `))
    }
    assert.ok(format.header === '' || refused > 1)
  })
}

function testWrongTables(format: TableFormat, { refuse }: Bench): void {
  test('refuses a gzip that is damaged, and says how far it could be read', async () => {
    const packed = gzipSync(textOf(format, someJobs(30000)))
    const message = await refuse(packed.subarray(0, packed.length - 2000))
    const [, line, reached] = /^(\d+): the gzip file is cut off; .* line ([\d,]+):/.exec(message)!
    assert.ok(Number(line) > 10000, message)
    assert.equal(reached!.replaceAll(',', ''), line)
    const damaged = Buffer.from(packed)
    damaged[damaged.length - 6]! ^= 0x55
    assert.match(await refuse(damaged), /the gzip data is damaged/)
  })

  test('refuses a table without rows', async () => {
    assert.match(await refuse(format.header === '' ? '; MaxProcs: 1\n' : `${format.header}\n`),
      /^1: the file ends without a job; /)
  })
}

function testRoundTrip(format: TableFormat, { read }: Bench): void {
  const row = fc.record({
    gapS: fc.nat(100000), gpus: fc.integer({ min: 1, max: 200000 }), workS: fc.nat(9999999),
  })
  test('reads what it wrote', async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 30 }), fc.boolean(),
      async (rows, isPacked) => {
        let atS = 0
        const jobs = rows.map(({ gapS, gpus, workS }, at) => {
          atS += gapS
          return plainJob(`${at + 1}`, fromSeconds(atS), gpus, fromSeconds(workS))
        })
        const text = textOf(format, jobs)
        const trace = await read(isPacked ? gzipSync(text) : text)
        assert.deepEqual([...trace.jobs],
          fromStart(format, jobs.filter((job) => job.workMs > 0)))
      },
    ), { numRuns: 60 })
  })
}
