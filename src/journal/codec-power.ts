import { unreachable } from '../base/assert.ts'
import {
  LIMIT_KINDS, type Event, type LimitSet, type PowerPriced, type SuppliesRead,
} from '../model/index.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'

/** The bytes of events about watts. */
export type PowerEvent = Extract<Event, { type:
  'job.capped' | 'cap.confirmed' | 'job.measured' | 'feeder.metered' | 'feeder.ratio'
  | 'limit.set' | 'limit.cleared' | 'power.priced' | 'supplies.read' | 'supply.lost' }>

export function encodePower(event: PowerEvent, to: ByteWriter): void {
  switch (event.type) {
    case 'job.capped':
      to.whole(event.job)
      to.whole(event.capW)
      return to.whole(event.safeW)
    case 'cap.confirmed':
      to.whole(event.job)
      return to.whole(event.capW)
    case 'job.measured':
      to.whole(event.job)
      to.whole(event.capW)
      to.float(event.speed)
      return to.float(event.drawW)
    case 'feeder.metered':
      to.whole(event.feeder)
      to.float(event.drawW)
      return to.whole(event.observedAtMs)
    case 'feeder.ratio':
      to.whole(event.feeder)
      return to.whole(event.ratioPer10k)
    case 'limit.set': return encodeLimit(event, to)
    case 'limit.cleared': return to.whole(event.limit)
    case 'power.priced': return encodePrices(event, to)
    case 'supplies.read': return encodeSupplies(event, to)
    case 'supply.lost':
      to.whole(event.site)
      to.whole(event.supply)
      to.whole(event.units)
      return to.whole(event.untilMs)
    default: return unreachable(event)
  }
}

export function decodePower(type: PowerEvent['type'], from: ByteReader): PowerEvent {
  switch (type) {
    case 'job.capped':
      return { type, job: from.whole(), capW: from.whole(), safeW: from.whole() }
    case 'cap.confirmed': return { type, job: from.whole(), capW: from.whole() }
    case 'job.measured': return {
      type, job: from.whole(), capW: from.whole(), speed: from.float(), drawW: from.float(),
    }
    case 'feeder.metered': return {
      type, feeder: from.whole(), drawW: from.float(), observedAtMs: from.whole(),
    }
    case 'feeder.ratio': return { type, feeder: from.whole(), ratioPer10k: from.whole() }
    case 'limit.set': return decodeLimit(from)
    case 'limit.cleared': return { type, limit: from.whole() }
    case 'power.priced': return decodePrices(from)
    case 'supplies.read': return decodeSupplies(from)
    case 'supply.lost': return { type, site: from.whole(), supply: from.whole(),
      units: from.whole(), untilMs: from.whole() }
    default: return unreachable(type)
  }
}

function encodeLimit(event: LimitSet, to: ByteWriter): void {
  to.whole(event.limit)
  to.whole(event.feeder)
  to.byte(LIMIT_KINDS.indexOf(event.kind))
  to.whole(event.watts)
  to.whole(event.fromW)
  to.whole(event.startAtMs)
  to.whole(event.holdAtMs)
  to.whole(event.holdEndAtMs)
  to.whole(event.endAtMs)
  to.text(event.cause)
}

function decodeLimit(from: ByteReader): LimitSet {
  const limit = from.whole()
  const feeder = from.whole()
  const kind = LIMIT_KINDS[from.byte()]
  if (kind === undefined) throw new RangeError('that is not a kind of limit')
  return {
    type: 'limit.set', limit, feeder, kind, watts: from.whole(), fromW: from.whole(),
    startAtMs: from.whole(), holdAtMs: from.whole(), holdEndAtMs: from.whole(),
    endAtMs: from.whole(), cause: from.text(),
  }
}

function encodePrices({ feeders, prices, drawPrices }: PowerPriced, to: ByteWriter): void {
  to.whole(feeders.length)
  feeders.forEach((feeder, at) => {
    to.whole(feeder)
    to.float(prices[at]!)
    to.float(drawPrices[at]!)
  })
}

function decodePrices(from: ByteReader): PowerPriced {
  const feeders: number[] = []
  const prices: number[] = []
  const drawPrices: number[] = []
  for (let left = from.whole(); left > 0; left--) {
    feeders.push(from.whole())
    prices.push(from.float())
    drawPrices.push(from.float())
  }
  return { type: 'power.priced', feeders, prices, drawPrices }
}

/** Cells rise: each as its step from the one before. */
function encodeSupplies({ site, cells, values }: SuppliesRead, to: ByteWriter): void {
  to.whole(site)
  to.whole(cells.length)
  let last = 0
  cells.forEach((cell, at) => {
    to.whole(cell - last)
    last = cell
    to.float(values[at]!)
  })
}

function decodeSupplies(from: ByteReader): SuppliesRead {
  const site = from.whole()
  const cells: number[] = []
  const values: number[] = []
  let last = 0
  for (let left = from.whole(); left > 0; left--) {
    last += from.whole()
    cells.push(last)
    values.push(from.float())
  }
  return { type: 'supplies.read', site, cells, values }
}
