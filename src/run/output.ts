import {
  closeSync, existsSync, mkdirSync, openSync, readdirSync, realpathSync, renameSync, rmdirSync,
  rmSync, statSync, writeFileSync, writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { toHours, toKilowattHours, toSeconds } from '../base/units.ts'
import { InputError } from '../model/index.ts'
import type { JobRow } from './record.ts'
import { csvField, JOB_COLUMNS } from './report/csv.ts'

/** Bytes of jobs.csv that are held before they are written. */
const CHUNK = 1 << 16

/** All that a run leaves; a folder with anything else in it is somebody's own. */
const FILES = ['jobs.csv', 'journal.mrj', 'power.csv', 'report.html', 'summary.json']

/**
 * The folder of a run's files. All is written into a folder beside it and moved there at the end,
 * so a run that is cut off leaves nothing that looks whole.
 */
export class Output {
  readonly folder: string
  private readonly staging: string
  private readonly jobs: number
  private readonly isReplacing: boolean
  /** Folders above it that were made for it, the uppermost first. */
  private readonly parents: string[] = []
  private isOpen = true
  private text = `${JOB_COLUMNS.join(',')}\n`

  constructor(path: string, isReplacing: boolean) {
    this.isReplacing = isReplacing
    // A link stays, and what it leads to is replaced.
    this.folder = existsSync(path) ? realpathSync(path) : path
    if (existsSync(this.folder)) checkOld(this.folder, isReplacing)
    this.staging = `${this.folder}.partial-${process.pid}`
    try {
      this.jobs = attempt(this.folder, () => {
        makeParents(dirname(this.folder), this.parents)
        mkdirSync(this.staging)
        return openSync(this.path('jobs.csv'), 'wx')
      })
    } catch (error) {
      this.removeParents()
      throw error
    }
  }

  /** Where a file is while the run goes on. */
  path(name: string): string {
    return join(this.staging, name)
  }

  /** Adds a row to jobs.csv. */
  job(row: JobRow): void {
    const { submitMs, startMs, endMs } = row
    const isStarted = startMs >= 0
    this.text += `${csvField(row.job)},${csvField(row.queue)},${row.gpus},${toSeconds(submitMs)},`
      + `${isStarted ? toSeconds(startMs) : ''},${endMs >= 0 ? toSeconds(endMs) : ''},`
      + `${isStarted ? toSeconds(startMs - submitMs) : ''},${row.outcome},${row.restarts},`
      + `${csvField(toHours(row.gpuMs))},${csvField(toKilowattHours(row.energyJ))}\n`
    if (this.text.length >= CHUNK) this.flush()
  }

  file(name: string, text: string): void {
    attempt(this.folder, () => writeFileSync(this.path(name), text))
  }

  /** Moves the complete folder to its place. What was there is gone only once that is done. */
  finish(): void {
    this.flush()
    attempt(this.folder, () => {
      closeSync(this.jobs)
      this.isOpen = false
      const old = `${this.folder}.old-${process.pid}`
      const hasOld = this.isReplacing && existsSync(this.folder)
      if (hasOld) renameSync(this.folder, old)
      try {
        renameSync(this.staging, this.folder)
      } catch (error) {
        if (hasOld) renameSync(old, this.folder)
        throw error
      }
      rmSync(old, { recursive: true, force: true })
    })
    this.parents.length = 0
  }

  /** Removes what was written so far, and the folders that were made for it. */
  discard(): void {
    if (this.isOpen) closeSync(this.jobs)
    this.isOpen = false
    rmSync(this.staging, { recursive: true, force: true })
    this.removeParents()
  }

  private removeParents(): void {
    for (const parent of this.parents.toReversed()) {
      // Somebody else may have put something there.
      if (readdirSync(parent).length === 0) rmdirSync(parent)
    }
    this.parents.length = 0
  }

  private flush(): void {
    const bytes = Buffer.from(this.text)
    this.text = ''
    attempt(this.folder, () => {
      for (let at = 0; at < bytes.length;) at += writeSync(this.jobs, bytes, at)
    })
  }
}

function checkOld(folder: string, isReplacing: boolean): void {
  if (!isReplacing) {
    throw new InputError(`${folder}: this exists already. Give another --out, or --force to `
      + 'replace the files of an earlier run.')
  }
  const isFolder = statSync(folder).isDirectory()
  const names = isFolder ? attempt(folder, () => readdirSync(folder)) : []
  const other = names.find((name) => !FILES.includes(name))
  if (isFolder && names.includes('summary.json') && other === undefined) return
  const found = !isFolder ? 'it is a file' : other === undefined ? 'it has no summary.json'
    : `it holds ${other}`
  throw new InputError(`${folder}: this is not the output of a run (${found}), so --force does not `
    + 'replace it. Give another --out.')
}

/** What mkdir does with `recursive`, which never ends where the system refuses, as in /proc. */
function makeParents(folder: string, made: string[]): void {
  if (existsSync(folder)) return
  makeParents(dirname(folder), made)
  mkdirSync(folder)
  made.push(folder)
}

/** What is asked for cannot be: exit code 2. Anything else is the outside failing: 4. */
const WRONG_PATH: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there. Give an --out that it owns.',
  EPERM: 'this user may not write there. Give an --out that it owns.',
  ENOENT: 'no folder can be made there. Give another --out.',
  ENOTDIR: 'a part of the path is a file. Give another --out.',
  ENAMETOOLONG: 'the name is too long. Give a shorter --out.',
  ELOOP: 'a link leads back to itself. Give another --out.',
}

const OUTSIDE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Free some space, or give an --out on another disk.',
  EDQUOT: 'the quota of this user is used up. Free some space, or give another --out.',
  EFBIG: 'a file grew beyond what is allowed. Raise the limit (ulimit -f), or run less.',
  EROFS: 'the disk is read-only. Give an --out on another one.',
}

/** Runs a step that touches the disk; what the disk refuses is said in words. */
function attempt<Value>(place: string, step: () => Value): Value {
  try {
    return step()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    const code = String(error.code)
    const wrong = WRONG_PATH[code]
    const advice = wrong ?? OUTSIDE[code] ?? `${error.message}. Mend that, or give another --out.`
    throw new InputError(`${place}: ${advice} Nothing was left half-written.`,
      wrong === undefined ? 4 : 2)
  }
}
