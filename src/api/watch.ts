import type { ServerResponse } from 'node:http'
import { fromSeconds } from '../base/units.ts'
import { changesOf } from './floor-bytes.ts'
import { floorOf, type FloorRuns, type Lens } from './floor-values.ts'
import { versionOf, type Factory } from './factory.ts'
import { factoryOf } from './view-plant.ts'

/** How often a page is told what changed. */
const TOLD_EVERY_MS = fromSeconds(1)

/** So many runs that changed are sent one by one; where they are more, the page asks for all. */
const CHANGES_MOST = 20_000

/** A page that does not read is cut off: it comes back by itself and asks for all. */
const UNREAD_BYTES_MOST = 4_000_000

type Watcher = { readonly response: ServerResponse, readonly lens: Lens }

/**
 * Pages that look at one factory. All of them are told together, once a second, so a floor is
 * compared once for each lens however many look at it.
 */
export class Watch {
  private readonly factory: Factory
  private readonly watchers = new Set<Watcher>()
  private readonly floors = new Map<Lens, { readonly version: string, readonly runs: FloorRuns }>()
  private timer: NodeJS.Timeout | undefined

  constructor(factory: Factory) {
    this.factory = factory
  }

  /** Tells a page from now on, until it goes. The response's head has been written. */
  add(response: ServerResponse, lens: Lens): void {
    const watcher = { response, lens }
    this.watchers.add(watcher)
    response.on('close', () => {
      this.watchers.delete(watcher)
      if (this.watchers.size === 0) this.stop()
    })
    this.write(watcher, 'factory', factoryOf(this.factory))
    this.floor(lens)
    this.timer ??= setInterval(() => this.tell(), TOLD_EVERY_MS)
  }

  /** The floor through a lens as it is now, and the version that it is of. */
  floor(lens: Lens): { readonly version: string, readonly runs: FloorRuns } {
    const version = versionOf(this.factory)
    const known = this.floors.get(lens)
    if (known?.version === version) return known
    const made = { version, runs: floorOf(this.factory.controller.state(), lens) }
    // Pages that look through the lens have the floor before it: they are told the way to this one.
    if (known !== undefined) this.tellFloor(lens, known, made)
    this.floors.set(lens, made)
    return made
  }

  close(): void {
    this.stop()
    for (const { response } of this.watchers) response.end()
  }

  private stop(): void {
    clearInterval(this.timer)
    this.timer = undefined
    this.floors.clear()
  }

  /** The clock is news by itself, and tells a page that the server is there. */
  private tell(): void {
    for (const lens of new Set([...this.watchers].map((each) => each.lens))) this.floor(lens)
    const factory = factoryOf(this.factory)
    for (const watcher of this.watchers) this.write(watcher, 'factory', factory)
  }

  private tellFloor(
    lens: Lens, before: { readonly version: string, readonly runs: FloorRuns },
    after: { readonly version: string, readonly runs: FloorRuns }): void {
    const changes = changesOf(before.runs, after.runs, CHANGES_MOST)
    const news = { lens, from: before.version, to: after.version, runs: changes ?? null }
    if (changes?.length === 0 && before.version === after.version) return
    for (const watcher of this.watchers) {
      if (watcher.lens === lens) this.write(watcher, 'floor', news)
    }
  }

  private write(watcher: Watcher, type: string, data: object): void {
    this.put(watcher, `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  private put({ response }: Watcher, text: string): void {
    if (response.writableLength > UNREAD_BYTES_MOST) response.destroy()
    else response.write(text)
  }
}
