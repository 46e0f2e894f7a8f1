import { EventQueue } from '../src/base/event-queue.ts'
import { randomStream } from '../src/base/random.ts'
import { fromHours } from '../src/base/units.ts'
import { cpuMs, median, type Figure } from './figure.ts'

const PENDING = 100_000
const ROUNDS = 500_000
const REPEATS = 7

const NS_PER_MS = 1e6

export const queue: Figure = {
  name: 'event-queue',
  summary: 'take the first of 100,000 timers and set another',
  run: () => {
    const random = randomStream(1, 'bench')
    const gapsMs = Float64Array.from({ length: PENDING },
      () => Math.floor(random.uniform() * fromHours(48)))
    const timers = new EventQueue()
    for (let at = 0; at < PENDING; at++) timers.push(gapsMs[at]!, at)
    turnOver(timers, gapsMs)
    const times = Array.from({ length: REPEATS }, () => {
      const beforeMs = cpuMs()
      turnOver(timers, gapsMs)
      return (cpuMs() - beforeMs) * NS_PER_MS / ROUNDS
    })
    return [{
      name: 'event-queue', value: median(times), unit: 'ns', goal: { most: 300 }, isCpu: true,
      detail: { repeats: REPEATS, pending: PENDING, leastNs: Math.min(...times) },
    }]
  },
}

function turnOver(timers: EventQueue, gapsMs: Float64Array): void {
  for (let round = 0; round < ROUNDS; round++) {
    const atMs = timers.peekAtMs()
    const payload = timers.pop()
    timers.push(atMs + gapsMs[(round + payload) % PENDING]!, payload)
  }
}
