import { ByteReader } from '../journal/bytes.ts'
import { decodeRecord, type Clock } from '../journal/codec.ts'
import type { Block } from '../journal/store.ts'
import type { DurableBatch } from '../run/live/controller.ts'

/** The events of a block of the journal, each with the time of its turn. */
export function eventsOf({ fromMs, bytes }: Block): Pick<DurableBatch, 'events' | 'atMs'> {
  const reader = new ByteReader(bytes)
  const clock: Clock = { atMs: fromMs }
  const events: DurableBatch['events'][number][] = []
  while (!reader.isAtEnd) {
    const record = decodeRecord(reader, clock)
    if (record.type === 'turn' || record.type === 'round' || record.type === 'end') continue
    events.push({ atMs: clock.atMs, event: record })
  }
  return { events, atMs: clock.atMs }
}
