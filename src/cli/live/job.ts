import { nearestWord } from '../../base/text.ts'
import { InputError } from '../../model/index.ts'
import type { Live } from './connect.ts'

/**
 * Number of the job that somebody means: "12" or "#12" is a number, all else a name. Of several
 * jobs of a name it is the newest. Throws an InputError where there is none.
 */
export async function jobNumber({ client, factory }: Live, wanted: string): Promise<number> {
  const digits = /^#?(\d{1,15})$/.exec(wanted)
  if (digits !== null) return Number(digits[1])
  const named = { factory, name: wanted, order: 'newest', limit: 1 } as const
  const found = [...(await client.jobs(named)).items,
    ...(await client.jobs({ ...named, phase: 'ended' })).items]
  if (found.length > 0) return Math.max(...found.map(({ number }) => number))
  const all = await client.jobs({ factory, order: 'newest', limit: NAMES_MOST })
  const near = nearestWord(wanted, all.items.map(({ name }) => name))
  throw new InputError(`There is no job called ${wanted}. ${near === undefined
    ? '"millrace queue" lists the jobs.' : `Did you mean ${near}?`}`)
}

/** As many names as one answer holds are looked through for one that is near. */
const NAMES_MOST = 1000

/** The numbers of several, in their order. */
export async function jobNumbers(live: Live, wanted: readonly string[]): Promise<number[]> {
  const numbers: number[] = []
  for (const each of wanted) numbers.push(await jobNumber(live, each))
  return numbers
}
