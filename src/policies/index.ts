import { easy } from './backfill-easy.ts'
import { none } from './backfill-none.ts'
import { fifo } from './order-fifo.ts'
import { priority } from './order-priority.ts'
import { pack } from './place-pack.ts'
import { spread } from './place-spread.ts'
import type { BackfillPolicy, OrderPolicy, PlacePolicy } from './policy.ts'

/** Every policy by name. A new one is its file and a line here. */
export const ORDERS: Readonly<Record<string, OrderPolicy>> = { fifo, priority }
export const BACKFILLS: Readonly<Record<string, BackfillPolicy>> = { none, easy }
export const PLACES: Readonly<Record<string, PlacePolicy>> = { pack, spread }
