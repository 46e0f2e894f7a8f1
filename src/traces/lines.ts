import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { formatCount } from '../base/units.ts'
import { InputError } from '../model/error.ts'
import { Line } from './line.ts'

/** A row of a trace has some hundred bytes: a longer line is another kind of file. */
const MAX_LINE_BYTES = 1048576

/**
 * A job takes 40 to 110 bytes, so this is 0.5 GB; with names of 253 characters it is 1.4 GB more in
 * the heap, of which node gives 2 GB on a machine of 8 GB.
 */
const MAX_LINES = 5_000_000

const CHUNK_BYTES = 262144
/** The byte order mark that some editors put before UTF-8. */
const MARK: readonly number[] = [0xef, 0xbb, 0xbf]

const NEWLINE = 10
const CARRIAGE_RETURN = 13

/** How files begin that are not what we read, and what to do about it. */
const FOREIGN: readonly { readonly magic: readonly number[]; readonly problem: string }[] = [
  { magic: [0xff, 0xfe], problem: 'the file is UTF-16; save it as UTF-8' },
  { magic: [0xfe, 0xff], problem: 'the file is UTF-16; save it as UTF-8' },
  { magic: [0x50, 0x4b, 3, 4], problem: 'the file is a zip archive; unpack it or use gzip' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], problem: 'the file is zstd; unpack it or use gzip' },
  { magic: [0xfd, 0x37, 0x7a, 0x58], problem: 'the file is xz; unpack it or use gzip' },
  { magic: [0x42, 0x5a, 0x68], problem: 'the file is bzip2; unpack it or use gzip' },
  { magic: [0x50, 0x41, 0x52, 0x31], problem: 'the file is Parquet; export it as CSV' },
]

/**
 * Hands each line of a text file, plain or gzip, to `take` and returns how many there were. Reads
 * as a stream: memory is a few chunks, whatever the size. Accepts CRLF and a UTF-8 mark.
 */
export async function readLines(
  path: string, take: (line: Line) => void, mostLines = MAX_LINES): Promise<number> {
  const splitter = new Splitter(path, take, mostLines)
  const chunks = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  try {
    const [head, rest] = await readHead(chunks)
    checkHead(path, head)
    const whole = Readable.from(joined(head, rest))
    if (head[0] === 0x1f && head[1] === 0x8b) {
      const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
      await pipeline(whole, gunzip, (text) => splitter.takeAll(text))
    } else {
      await splitter.takeAll(whole)
    }
  } catch (error) {
    throw explained(error, path, splitter.line.number)
  } finally {
    chunks.destroy()
  }
  return splitter.line.number
}

/** Cuts chunks into lines. Holds at most one unfinished line. */
class Splitter {
  readonly line: Line
  private readonly take: (line: Line) => void
  private readonly mostLines: number
  private rest: Buffer = Buffer.alloc(0)
  private isFirst = true

  constructor(path: string, take: (line: Line) => void, mostLines: number) {
    this.line = new Line(path)
    this.take = take
    this.mostLines = mostLines
  }

  async takeAll(chunks: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of chunks) this.takeChunk(chunk)
    if (this.rest.length > 0) this.takeLine(this.rest, 0, this.rest.length)
  }

  private takeChunk(chunk: Buffer): void {
    let start = 0
    let end = chunk.indexOf(NEWLINE)
    if (end >= 0 && this.rest.length > 0) {
      const line = Buffer.concat([this.rest, chunk.subarray(0, end)])
      this.rest = Buffer.alloc(0)
      this.takeLine(line, 0, line.length)
      start = end + 1
      end = chunk.indexOf(NEWLINE, start)
    }
    while (end >= 0) {
      this.takeLine(chunk, start, end)
      start = end + 1
      end = chunk.indexOf(NEWLINE, start)
    }
    if (start === chunk.length) return
    // A copy, so that the chunk can be freed.
    this.rest = Buffer.concat([this.rest, chunk.subarray(start)])
    this.checkLength(this.rest.length)
  }

  private takeLine(bytes: Buffer, start: number, end: number): void {
    this.checkLength(end - start)
    if (end > start && bytes[end - 1] === CARRIAGE_RETURN) end--
    if (this.isFirst) {
      this.isFirst = false
      const hasMark = MARK.every((byte, at) => bytes[start + at] === byte)
      if (hasMark) start += MARK.length
    }
    if (this.line.number === this.mostLines) {
      this.line.fail(`more than ${formatCount(this.mostLines)} lines; cut the trace into parts`)
    }
    this.line.moveTo(bytes, start, Math.max(start, end))
    this.take(this.line)
  }

  private checkLength(bytes: number): void {
    if (bytes <= MAX_LINE_BYTES) return
    this.line.moveTo(this.rest, 0, 0)
    this.line.fail(`the line is longer than ${formatCount(MAX_LINE_BYTES)} bytes; `
      + 'a trace has one job a line')
  }
}

/** Reads chunks until the magic bytes are there, for a pipe may bring them one by one. */
async function readHead(chunks: Readable): Promise<[Buffer, AsyncIterator<Buffer>]> {
  const rest = (chunks as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  while (head.length < 4) {
    const next = await rest.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  return [head, rest]
}

async function* joined(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

function checkHead(path: string, head: Buffer): void {
  for (const { magic, problem } of FOREIGN) {
    if (magic.every((byte, at) => head[at] === byte)) throw new InputError(`${path}:1: ${problem}`)
  }
}

/** The outside's errors in words; our own pass. */
function explained(error: unknown, path: string, lines: number): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const read = `it could be read up to line ${formatCount(lines)}`
  const place = `${path}:${Math.max(1, lines)}`
  switch (error.code) {
    case 'ENOENT': return new InputError(`${path}: there is no such file; check the path`)
    case 'EISDIR': return new InputError(`${path}: this is a folder; name a file in it`)
    case 'EACCES': return new InputError(`${path}: it may not be read; check its permissions`)
    case 'Z_BUF_ERROR':
      return new InputError(`${place}: the gzip file is cut off; ${read}: fetch it again`)
    case 'Z_DATA_ERROR':
      return new InputError(
        `${place}: the gzip data is damaged (${error.message}); ${read}: fetch it again`)
    default: return error
  }
}
