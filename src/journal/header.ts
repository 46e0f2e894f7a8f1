import * as z from 'zod'
import { Fingerprint } from '../base/hash.ts'
import { InputError, type Plant } from '../model/index.ts'

/** The format that this Millrace writes. */
export const FORMAT = 4 as const

/** Formats that it reads. In 3 there were fewer kinds of events; all it has are the same. */
const READ = [3, FORMAT] as const

/** What a journal starts with: enough to build the same state again. */
export type JournalHeader = z.infer<typeof schema>

const schema = z.object({
  format: z.literal(READ),
  /** Of the Millrace that wrote it, for people. */
  version: z.string(),
  /** The factory file as it was read, checked, without comments. */
  factory: z.unknown(),
  /** Fingerprint of the plant that the factory file and the catalogue of that day gave. */
  catalogue: z.string(),
  seed: z.number(),
  policies: z.object({
    order: z.string(), backfill: z.string(), place: z.string(),
    preempt: z.string().optional(), consolidate: z.string().optional(),
    power: z.string().optional(),
  }),
})

/** Sixteen hex digits over a compiled plant: another catalogue, another fingerprint. O(racks). */
export function catalogueOf(plant: Plant): string {
  const fingerprint = new Fingerprint()
  fingerprint.addBytes(new TextEncoder().encode(JSON.stringify(plant)))
  return fingerprint.digest()
}

/** Reads the header out of the first block. */
export function readHeader(path: string, payload: Uint8Array): JournalHeader {
  const json = jsonOf(path, payload)
  const { format, version } = json as { format?: unknown, version?: unknown }
  if (!READ.some((each) => each === format)) {
    throw otherFormat(path, String(format), String(version ?? ''))
  }
  const read = schema.safeParse(json)
  if (read.success) return read.data
  const [first] = read.error.issues
  throw new InputError(`${path}: the header of the journal does not fit format ${String(format)}: `
    + `${first!.path.join('.')}: ${first!.message}. Run the twin again with this Millrace.`)
}

/** A journal that another Millrace wrote, in a format that this one cannot read. */
export function otherFormat(path: string, format: string, version: string): InputError {
  const writer = version === '' ? 'the Millrace that wrote it'
    : `Millrace ${version}, which wrote it`
  return new InputError(`${path}: the journal has format ${format}; this Millrace reads formats `
    + `${READ.join(' and ')}. Read it with ${writer}, or run the twin again with this one.`)
}

function jsonOf(path: string, payload: Uint8Array): object {
  try {
    const json: unknown = JSON.parse(Buffer.from(payload).toString('utf8'))
    if (typeof json === 'object' && json !== null) return json
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new InputError(`${path}: the first block of the journal is no JSON object, so it is not a `
    + 'header. Run the twin again.')
}
