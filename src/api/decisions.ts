import type { Event } from '../model/index.ts'
import { eventsOf } from './blocks.ts'
import type { Factory } from './factory.ts'
import { momentText, nowText } from './moment.ts'
import type { Decisions } from './schema-history.ts'
import { nodeName } from './places.ts'

/** Blocks that are read for one answer, and entries that are told. */
const BLOCKS_MOST = 4000
const BLOCKS_AT_ONCE = 64
const ITEMS_MOST = 60

type Item = Decisions['items'][number]
type Timed = { readonly atMs: number, readonly item: Item }

/** Of each type at least some, so that thousands of caps do not hide the one limit. */
const OF_A_TYPE_MOST = 15

/** Events that are no decision and come all the time. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'round.due', 'power.due', 'power.priced', 'feeder.metered', 'job.measured', 'cap.confirmed',
  'job.running', 'job.reserved', 'clock.set', 'feeder.ratio', 'job.credited',
  'supplies.read',
])

/** What the journal has of a time: counts by type, and the weightiest one by one. O(blocks). */
export async function decisionsOf(
  served: Factory, fromMs: number, untilMs: number): Promise<Decisions> {
  const { controller, history, book } = served
  await book.ready
  const counts: Record<string, number> = {}
  const items: Timed[] = []
  // The block that was durable then, and those after it, until they are past the time.
  let after = history.series.seqAt(fromMs)
  const first = after
  let isWhole = after > 0 || fromMs <= 0
  let isOver = after === 0 && fromMs > 0
  while (!isOver) {
    const blocks = await controller.store.blocksAfter(after, BLOCKS_AT_ONCE)
    for (const block of blocks) {
      if (block.seq > after + 1) isWhole = false
      after = block.seq
      isOver ||= block.fromMs > untilMs
      for (const [index, { event, atMs }] of eventsOf(block).events.entries()) {
        if (atMs < fromMs || atMs >= untilMs || LEFT_OUT.has(event.type)) continue
        counts[event.type] = (counts[event.type] ?? 0) + 1
        items.push({ atMs, item: itemOf(served, event, atMs, { seq: block.seq, index }) })
      }
    }
    const isTooMuch = after - first > BLOCKS_MOST && !isOver
    if (isTooMuch) isWhole = false
    isOver ||= isTooMuch || blocks.length === 0
  }
  return { at: nowText(controller.clock), isWhole, counts, items: weightiest(items) }
}

function weightiest(items: readonly Timed[]): Item[] {
  const told = new Map<string, number>()
  return items.toSorted((a, b) => b.item.gpus - a.item.gpus || a.atMs - b.atMs)
    .filter(({ item: { type } }) => {
      const count = (told.get(type) ?? 0) + 1
      told.set(type, count)
      return count <= OF_A_TYPE_MOST
    })
    .slice(0, ITEMS_MOST).sort((a, b) => a.atMs - b.atMs).map(({ item }) => item)
}

function itemOf(
  { controller, book }: Factory, event: Event, atMs: number,
  { seq, index }: { readonly seq: number, readonly index: number }): Item {
  const { layout } = controller.state()
  const number = 'job' in event ? book.numberAt(event.job, seq, index) ?? null : null
  const told = number === null ? undefined : book.told(number)
  const isStart = event.type === 'job.started'
  return {
    seq, at: momentText(controller.clock, atMs), type: event.type, number,
    name: told?.submitted.name ?? '', gpus: told?.submitted.gpus ?? 0,
    waitedMs: isStart && told !== undefined ? atMs - told.submitAtMs : null,
    capW: 'capW' in event ? event.capW ?? null : null,
    feeder: event.type === 'limit.set' ? layout.plant.feeders[event.feeder]!.name : null,
    watts: event.type === 'limit.set' ? event.watts : null,
    why: whyOf(event, (node) => nodeName(layout, node)),
  }
}

function whyOf(event: Event, nameOf: (node: number) => string): string {
  switch (event.type) {
    case 'job.ended': return event.outcome
    case 'job.interrupted': case 'job.requeued': case 'limit.set': case 'window.set':
      return event.cause
    case 'nodes.down': case 'nodes.up': case 'nodes.drained': case 'nodes.resumed': {
      const last = event.end - 1 > event.first ? ` – ${nameOf(event.end - 1)}` : ''
      return `${nameOf(event.first)}${last} ${event.cause}`.trim()
    }
    default: return ''
  }
}
