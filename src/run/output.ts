import {
  closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { toHours, toSeconds } from '../base/units.ts'
import { InputError } from '../model/index.ts'
import type { JobRow } from './record.ts'
import { csvField, JOB_COLUMNS } from './report/csv.ts'

/** Bytes of jobs.csv that are held before they are written. */
const CHUNK = 1 << 16

/**
 * The folder of a run's files. All is written into a folder beside it and moved there at the end,
 * so a run that is cut off leaves nothing that looks whole.
 */
export class Output {
  readonly folder: string
  private readonly staging: string
  private readonly isReplacing: boolean
  private readonly jobs: number
  private text = ''

  constructor(folder: string, isReplacing: boolean) {
    this.folder = folder
    this.isReplacing = isReplacing
    if (existsSync(folder)) {
      if (!isReplacing) {
        throw new InputError(`${folder}: this exists already. Give another --out, or --force to `
          + 'replace the files of an earlier run.')
      }
      if (!existsSync(join(folder, 'summary.json'))) {
        throw new InputError(`${folder}: this is not the output of a run (it has no summary.json), `
          + 'so --force does not replace it. Give another --out.')
      }
    }
    this.staging = `${folder}.partial-${process.pid}`
    this.jobs = attempt(folder, () => {
      mkdirSync(dirname(folder), { recursive: true })
      mkdirSync(this.staging)
      return openSync(this.path('jobs.csv'), 'wx')
    })
    this.text = `${JOB_COLUMNS.join(',')}\n`
  }

  /** Where a file is while the run goes on. */
  path(name: string): string {
    return join(this.staging, name)
  }

  /** Adds a row to jobs.csv. */
  job(row: JobRow): void {
    const { submitMs, startMs, endMs } = row
    const isStarted = startMs >= 0
    const heldMs = isStarted && endMs >= 0 ? endMs - startMs : 0
    this.text += `${csvField(row.job)},${csvField(row.queue)},${row.gpus},${toSeconds(submitMs)},`
      + `${isStarted ? toSeconds(startMs) : ''},${endMs >= 0 ? toSeconds(endMs) : ''},`
      + `${isStarted ? toSeconds(startMs - submitMs) : ''},${row.outcome},${row.restarts},`
      + `${csvField(toHours(heldMs) * row.gpus)}\n`
    if (this.text.length >= CHUNK) this.flush()
  }

  file(name: string, text: string): void {
    attempt(this.folder, () => writeFileSync(this.path(name), text))
  }

  /** Moves the complete folder to its place. */
  finish(): void {
    this.flush()
    attempt(this.folder, () => {
      closeSync(this.jobs)
      if (this.isReplacing) rmSync(this.folder, { recursive: true, force: true })
      renameSync(this.staging, this.folder)
    })
  }

  /** Removes what was written so far. */
  discard(): void {
    rmSync(this.staging, { recursive: true, force: true })
  }

  private flush(): void {
    const bytes = Buffer.from(this.text)
    this.text = ''
    attempt(this.folder, () => {
      for (let at = 0; at < bytes.length;) at += writeSync(this.jobs, bytes, at)
    })
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Free some space, or give an --out on another disk.',
  EDQUOT: 'the quota of this user is used up. Free some space, or give another --out.',
  EACCES: 'this user may not write there. Give an --out that it owns.',
  EROFS: 'the disk is read-only. Give an --out on another one.',
  ENOTDIR: 'a part of the path is a file. Give another --out.',
}

/** Runs a step that touches the disk; what the disk refuses is said in words, with exit code 4. */
export function attempt<Value>(place: string, step: () => Value): Value {
  try {
    return step()
  } catch (error) {
    throw explained(place, error)
  }
}

/** The same error in words, where the disk is to blame. */
export function explained(place: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const advice = ADVICE[code]
  return advice === undefined ? error
    : new InputError(`${place}: ${advice} Nothing was left half-written.`, 4)
}
