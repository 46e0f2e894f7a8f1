import type { State } from '../core/state.ts'
import type { DurableBatch } from '../run/live/controller.ts'
import type { Factory } from './factory.ts'
import { momentText } from './moment.ts'
import { nodeName } from './places.ts'
import type { FactoryEvent } from './schema-server.ts'

/** An event as the stream sends it. */
export type Sent = {
  readonly id: string
  readonly type: string
  readonly number: number | null
  /** Its lines in the stream, with the empty one that ends it. */
  readonly text: string
}

/** Events of a block, with numbers of jobs and names in place of rows. O(events). */
export function sentOf(
  { controller, book }: Factory, { seq, events }: Pick<DurableBatch, 'seq' | 'events'>): Sent[] {
  const { name, clock } = controller
  const state = controller.state()
  return events.map(({ atMs, event }, index) => {
    const { type, ...fields } = event
    const number = 'job' in event ? book.numberAt(event.job, seq, index) ?? null : null
    const at = momentText(clock, atMs) ?? ''
    const told: FactoryEvent = {
      factory: name, seq, index, at, type, number,
      event: named(state, book, { seq, index }, fields),
    }
    const id = `${name}-${seq}.${index}`
    const text = `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(told)}\n\n`
    return { id, type, number, text }
  })
}

type Place = { readonly seq: number, readonly index: number }

/** Rows mean nothing outside: jobs by number, the rest by name. */
function named(
  state: State, book: Factory['book'], { seq, index }: Place, fields: Record<string, unknown>,
): Record<string, unknown> {
  const { plant } = state.layout
  const told: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) {
    switch (key) {
      case 'job': break
      case 'queue': told[key] = plant.queues[value as number]?.name ?? null
        break
      case 'feeder': told[key] = plant.feeders[value as number]?.name ?? null
        break
      case 'feeders': told[key] = (value as number[]).map((each) => plant.feeders[each]?.name)
        break
      case 'site': told[key] = plant.sites[value as number]?.name ?? null
        break
      case 'supply':
        told[key] = plant.sites[fields['site'] as number]?.supplies?.[value as number]?.name ?? null
        break
      // Of the state's own order: what they come to is in /v1/supplies.
      case 'cells':
      case 'values': break
      case 'pool': told[key] = plant.pools[value as number]?.name ?? null
        break
      case 'device': told[key] = plant.devices[value as number] ?? ''
        break
      case 'after': told[key] = (value as { job: number, on: string }[]).map(({ job, on }) =>
        ({ number: book.numberAt(job, seq, index) ?? null, on }))
        break
      default: told[key] = value
    }
  }
  if (typeof fields['first'] === 'number' && typeof fields['end'] === 'number') {
    told['from'] = nodeName(state.layout, fields['first'])
    told['to'] = nodeName(state.layout, fields['end'] - 1)
  }
  return told
}
