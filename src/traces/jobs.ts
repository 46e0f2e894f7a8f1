import { PLAIN_ARRIVAL, type JobList, type TraceJob } from '../model/arrival.ts'
import type { JobId } from './names.ts'

/** Columns come in pieces, so that growing copies nothing. */
const PIECE_ROWS = 16384
const PIECE_BITS = 14

/** Ids of more digits are texts; doubles hold all shorter numbers exactly. */
const MAX_DIGITS = 15

const OUTCOMES = ['completed', 'failed', 'cancelled'] as const

/**
 * Jobs in typed columns. What has its usual value is 0 and never written: memory of zeros is not
 * touched, so what a format does not say takes none. A job takes 40 to 90 bytes, and some 60 more
 * for a name that is not a number.
 */
export class JobColumns implements JobList {
  length = 0
  private readonly pieces: Piece[] = []
  private readonly names: string[] = []
  /** The distinct names of queues, devices, levels and workloads. */
  private readonly words: string[] = ['']
  /** What few jobs say, by row. */
  private readonly extras = new Map<number, Extras>()
  private readonly wordIds = new Map([['', 0]])

  submitAtMs(row: number): number {
    return this.pieceOf(row).submitAtMs[row % PIECE_ROWS]!
  }

  idOf(row: number): string {
    const number = this.pieceOf(row).id[row % PIECE_ROWS]!
    return number >= 0 ? `${number}` : this.names[-1 - number]!
  }

  at(row: number): TraceJob {
    const piece = this.pieceOf(row)
    const at = row % PIECE_ROWS
    return {
      id: this.idOf(row),
      submitAtMs: piece.submitAtMs[at]!,
      gpus: piece.gpus[at]!,
      nodes: piece.nodes[at]!,
      cpusPerNode: piece.cpusPerNode[at]!,
      memoryPerNodeGiB: piece.memoryPerNodeGiB[at]!,
      limitMs: piece.limitMs[at]!,
      queue: this.words[piece.queue[at]!]!,
      device: this.words[piece.device[at]!]!,
      level: this.words[piece.level[at]!]!,
      priority: piece.priority[at]!,
      ...(this.extras.get(row) ?? PLAIN_ARRIVAL),
      workload: this.words[piece.workload[at]!]!,
      workMs: piece.workMs[at]!,
      checkpointEveryMs: piece.checkpointEveryMs[at]!,
      checkpointStallMs: piece.stallAndOneMs[at]! - 1,
      outcome: OUTCOMES[piece.outcome[at]!]!,
    }
  }

  * [Symbol.iterator](): Generator<TraceJob> {
    for (let row = 0; row < this.length; row++) yield this.at(row)
  }

  /** Copies the job's fields behind the last row; returns its row. */
  push(job: TraceJob): number {
    const row = this.pushPlain(job.id, job.submitAtMs, job.gpus, job.workMs, job.limitMs,
      job.memoryPerNodeGiB, job.outcome)
    const piece = this.pieceOf(row)
    const at = row % PIECE_ROWS
    if (job.nodes !== 0) piece.nodes[at] = job.nodes
    if (job.cpusPerNode !== 0) piece.cpusPerNode[at] = job.cpusPerNode
    if (job.queue !== '') piece.queue[at] = this.wordId(job.queue)
    if (job.device !== '') piece.device[at] = this.wordId(job.device)
    if (job.level !== '') piece.level[at] = this.wordId(job.level)
    if (job.priority !== 0) piece.priority[at] = job.priority
    if (job.workload !== '') piece.workload[at] = this.wordId(job.workload)
    if (job.checkpointEveryMs !== 0) piece.checkpointEveryMs[at] = job.checkpointEveryMs
    if (isSpecial(job)) this.extras.set(row, extrasOf(job))
    if (job.checkpointStallMs !== -1) piece.stallAndOneMs[at] = job.checkpointStallMs + 1
    return row
  }

  /** Adds a job that tells no more than this; an id may also be a whole number. */
  pushPlain(
    id: JobId,
    submitAtMs: number,
    gpus: number,
    workMs: number,
    limitMs: number,
    memoryPerNodeGiB: number,
    outcome: TraceJob['outcome'],
    after = '',
  ): number {
    const row = this.length++
    const at = row % PIECE_ROWS
    if (at === 0) this.pieces.push(new Piece())
    const piece = this.pieceOf(row)
    piece.id[at] = typeof id === 'number' ? id : this.numberOfId(id)
    piece.submitAtMs[at] = submitAtMs
    piece.gpus[at] = gpus
    piece.workMs[at] = workMs
    if (limitMs !== 0) piece.limitMs[at] = limitMs
    if (memoryPerNodeGiB !== 0) piece.memoryPerNodeGiB[at] = memoryPerNodeGiB
    if (outcome !== 'completed') piece.outcome[at] = OUTCOMES.indexOf(outcome)
    if (after !== '') this.extras.set(row, { ...PLAIN_ARRIVAL, after })
    return row
  }

  private pieceOf(row: number): Piece {
    return this.pieces[row >> PIECE_BITS]!
  }

  /** The number that prints as the id, or -1 and down for the place of its text. */
  private numberOfId(id: string): number {
    const number = numberOf(id)
    return number >= 0 ? number : -this.names.push(id)
  }

  private wordId(word: string): number {
    const known = this.wordIds.get(word)
    if (known !== undefined) return known
    this.wordIds.set(word, this.words.length)
    return this.words.push(word) - 1
  }
}

type Extras = Pick<TraceJob, keyof typeof PLAIN_ARRIVAL>

function isSpecial(job: TraceJob): boolean {
  return job.leastNodes !== 0 || job.leastRunMs !== 0 || job.deadlineAtMs !== 0 || job.isHero
    || job.array !== '' || job.after !== '' || job.speeds !== ''
    || job.class !== '' || job.leastSpeed !== 0 || job.worth !== 1
}

function extrasOf({
  leastNodes, leastRunMs, deadlineAtMs, isHero, array, after, speeds, class: kind, leastSpeed,
  worth,
}: TraceJob): Extras {
  return {
    leastNodes, leastRunMs, deadlineAtMs, isHero, array, after, speeds, class: kind, leastSpeed,
    worth,
  }
}

/** 7 columns of doubles, 8 of whole numbers, one of bytes. */
const ROW_BYTES = 7 * 8 + 8 * 4 + 1

/** One buffer, since only large ones come as memory that is not there until it is written. */
class Piece {
  private readonly buffer = new ArrayBuffer(PIECE_ROWS * ROW_BYTES)
  private used = 0
  readonly id = new Float64Array(this.buffer, this.cut(8), PIECE_ROWS)
  readonly submitAtMs = new Float64Array(this.buffer, this.cut(8), PIECE_ROWS)
  readonly workMs = new Float64Array(this.buffer, this.cut(8), PIECE_ROWS)
  readonly limitMs = new Float64Array(this.buffer, this.cut(8), PIECE_ROWS)
  readonly memoryPerNodeGiB = new Float64Array(this.buffer, this.cut(8), PIECE_ROWS)
  readonly checkpointEveryMs = new Float64Array(this.buffer, this.cut(8), PIECE_ROWS)
  /** One more than the stall, so that 0 stands for the -1 that leaves it to the twin. */
  readonly stallAndOneMs = new Float64Array(this.buffer, this.cut(8), PIECE_ROWS)
  readonly gpus = new Int32Array(this.buffer, this.cut(4), PIECE_ROWS)
  readonly nodes = new Int32Array(this.buffer, this.cut(4), PIECE_ROWS)
  readonly cpusPerNode = new Int32Array(this.buffer, this.cut(4), PIECE_ROWS)
  readonly priority = new Int32Array(this.buffer, this.cut(4), PIECE_ROWS)
  readonly queue = new Int32Array(this.buffer, this.cut(4), PIECE_ROWS)
  readonly device = new Int32Array(this.buffer, this.cut(4), PIECE_ROWS)
  readonly level = new Int32Array(this.buffer, this.cut(4), PIECE_ROWS)
  readonly workload = new Int32Array(this.buffer, this.cut(4), PIECE_ROWS)
  readonly outcome = new Uint8Array(this.buffer, this.cut(1), PIECE_ROWS)

  /** Where the next column begins, of cells of so many bytes; wide cells come first. */
  private cut(bytes: number): number {
    const start = this.used
    this.used += PIECE_ROWS * bytes
    return start
  }
}

/** The number that `${number}` prints as this text, or -1 where there is none. */
function numberOf(text: string): number {
  const { length } = text
  if (length === 0 || length > MAX_DIGITS) return -1
  if (length > 1 && text.charCodeAt(0) === 48) return -1
  let number = 0
  for (let at = 0; at < length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  return number
}
