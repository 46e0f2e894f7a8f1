import { nearestWord } from '../base/text.ts'
import type { Outcome } from '../model/index.ts'
import type { JournalRecord } from './codec.ts'

/** What a journal tells of one job up to a moment. Times are of the run; -1 for what was not. */
export type JobHistory = {
  readonly number: number
  readonly name: string
  /** Row of the state while it is there. */
  readonly row: number
  readonly array: number
  readonly submitAtMs: number
  firstStartAtMs: number
  lastStartAtMs: number
  starts: number
  endAtMs: number
  outcome: Outcome | ''
}

/** Tasks of an array that came, and how those that are over ended. */
export type ArrayHistory = { came: number } & Record<Outcome, number>

export type History = {
  /** The job that was asked for: by name the last one that came up to the moment. */
  readonly job: JobHistory | undefined
  /** Other jobs of that name. */
  readonly namesakes: number
  readonly array: ArrayHistory | undefined
  /** When the run ended, and how many jobs came in all. */
  readonly endAtMs: number
  readonly jobs: number
  /** A name that is near, where there is no such job. */
  readonly near: string | undefined
}

/** Names among which a near one is looked for: a stranger must not fill the memory. */
const NAMES_MOST = 200_000

/**
 * Reads a journal for one job: "#12" is the job of that number; any other text is a name, or else
 * a number. A job that only comes after `untilMs` is found with its time, and nothing else of it.
 * One pass over the records.
 */
export function historyOf(
  records: Iterable<JournalRecord>, wanted: string, untilMs: number): History {
  const number = /^#?[0-9]+$/.test(wanted) ? Number(wanted.replace('#', '')) : NaN
  const found: { named: JobHistory | undefined, numbered: JobHistory | undefined } = {
    named: undefined, numbered: undefined,
  }
  const arrays = new Map<number, ArrayHistory>()
  const arrayOfRow = new Map<number, number>()
  const names: string[] = []
  let namesakes = 0
  let jobs = 0
  let atMs = 0
  for (const record of records) {
    if (record.type === 'turn') atMs = record.atMs
    const isPast = atMs <= untilMs
    if (record.type === 'job.submitted') {
      jobs++
      const isNamed = record.name === wanted
      if (isNamed && found.named !== undefined) namesakes++
      if (isNamed && (isPast || found.named === undefined)) found.named = begun(record, atMs)
      if (record.number === number) {
        found.numbered = isNamed ? found.named : begun(record, atMs)
      }
      if (names.length < NAMES_MOST && record.name !== '') names.push(record.name)
      if (!isPast) continue
      if (record.array > 0) arrayOfRow.set(record.job, record.array)
      if (record.array > 0) arrayIn(arrays, record.array).came++
    } else if (isPast) {
      note(found.named, record, atMs)
      if (found.numbered !== found.named) note(found.numbered, record, atMs)
      if (record.type !== 'job.ended') continue
      const array = arrayOfRow.get(record.job)
      if (array === undefined) continue
      arrayOfRow.delete(record.job)
      arrayIn(arrays, array)[record.outcome]++
    }
  }
  const job = wanted.startsWith('#') ? found.numbered : found.named ?? found.numbered
  return {
    job, namesakes, endAtMs: atMs, jobs,
    array: job === undefined ? undefined : arrays.get(job.array),
    near: job === undefined && Number.isNaN(number) ? nearestWord(wanted, names) : undefined,
  }
}

type Submitted = Extract<JournalRecord, { type: 'job.submitted' }>

function begun({ number, name, job, array }: Submitted, atMs: number): JobHistory {
  return {
    number, name: name || `${number}`, row: job, array, submitAtMs: atMs, firstStartAtMs: -1,
    lastStartAtMs: -1, starts: 0, endAtMs: -1, outcome: '',
  }
}

/** What an event means for a job; its row is another's once it has ended. */
function note(job: JobHistory | undefined, record: JournalRecord, atMs: number): void {
  if (job === undefined || job.endAtMs >= 0) return
  if (!('job' in record) || record.job !== job.row) return
  if (record.type === 'job.started') {
    job.starts++
    job.lastStartAtMs = atMs
    if (job.firstStartAtMs < 0) job.firstStartAtMs = atMs
  } else if (record.type === 'job.ended') {
    job.endAtMs = atMs
    job.outcome = record.outcome
  }
}

function arrayIn(arrays: Map<number, ArrayHistory>, array: number): ArrayHistory {
  const known = arrays.get(array)
  if (known !== undefined) return known
  const made = { came: 0, completed: 0, failed: 0, cancelled: 0 }
  arrays.set(array, made)
  return made
}
