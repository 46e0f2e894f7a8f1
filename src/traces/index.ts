import { nearestWord } from '../base/text.ts'
import { InputError } from '../model/error.ts'
import { csv } from './csv.ts'
import type { TraceFormat } from './format.ts'
import { kalos } from './kalos.ts'
import { kueue } from './kueue.ts'
import { shown } from './line.ts'
import { philly } from './philly.ts'
import { sacct } from './sacct.ts'
import { swf } from './swf.ts'

/** The formats by name, as `--help` lists them. */
export const TRACE_FORMATS: Readonly<Record<string, TraceFormat>> = {
  csv, kalos, kueue, philly, sacct, swf,
}

/** The format of that name, or an InputError with the names that there are. */
export function traceFormat(name: string): TraceFormat {
  const format = Object.hasOwn(TRACE_FORMATS, name) ? TRACE_FORMATS[name] : undefined
  if (format !== undefined) return format
  const names = Object.keys(TRACE_FORMATS)
  const near = nearestWord(name, names)
  const hint = near === undefined ? '' : `, the nearest is ${near}`
  throw new InputError(
    `no trace format is called ${shown(name)}${hint}; the formats are ${names.join(', ')}`)
}
