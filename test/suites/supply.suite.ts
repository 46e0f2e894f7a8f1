import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Supply } from '../../src/model/supply.ts'
import { SupplyMix } from '../../src/supply/mix.ts'

const MINUTE_MS = 60_000

/** What happens to a mix: the draw steps, at any moment of two hours. */
const steps = fc.array(fc.record({
  atMs: fc.integer({ min: 0, max: 120 * MINUTE_MS }),
  shareRatio: fc.double({ min: 0, max: 1, noNaN: true }),
}), { minLength: 1, maxLength: 8 }).map((all) => all.toSorted((a, b) => a.atMs - b.atMs))

/** One of a kind, what it can give at most with all that it has, and what stands beside it. */
export type SupplyCase = {
  readonly summary: string
  readonly example: Supply
  readonly mostW: number
  readonly beside: readonly Supply[]
}

/** What every kind of supply must hold beside another, whatever the draw does. */
export function supplySuite(given: SupplyCase): void {
  test(`${given.example.name}: says what it is`, () => {
    assert.ok(given.summary.length > 10)
  })
  limits(given)
  accounts(given)
  future(given)
}

function mixOf({ example, beside }: SupplyCase): SupplyMix {
  return new SupplyMix([example, ...beside], { atMs: 0, demandW: 0 })
}

function limits(given: SupplyCase): void {
  const { example, mostW } = given
  const { name } = example
  const isFlow = example.type !== 'battery'

  test(`${name}: never above its limit, nor below zero, nor faster than its ramp`, () => {
    fc.assert(fc.property(steps, (program) => {
      const mix = mixOf(given)
      let before = { atMs: 0, watts: isFlow ? mix.outputW(0) : 0, beyondW: 0 }
      follow(mix, program, mostW, () => {
        const watts = isFlow ? mix.outputW(0) : 0
        assert.ok(watts >= 0 && watts <= mostW * (1 + 1e-12), `${watts} W of ${mostW}`)
        const spanMs = mix.nowMs - before.atMs
        const mostByW = rampOf(example) === Infinity ? mostW
          : rampOf(example) * spanMs / MINUTE_MS + mix.beyondRampW - before.beyondW + 2
        assert.ok(Math.abs(watts - before.watts) <= mostByW,
          `${watts - before.watts} W in ${spanMs} ms`)
        before = { atMs: mix.nowMs, watts, beyondW: mix.beyondRampW }
      })
    }), { numRuns: 30 })
  })

  test(`${name}: its state of charge stays within its window`, () => {
    fc.assert(fc.property(steps, (program) => {
      const mix = mixOf(given)
      follow(mix, program, 2 * mostW, () => {
        assert.ok(mix.heldRatio() >= -1e-9 && mix.heldRatio() <= 1 + 1e-9, `${mix.heldRatio()}`)
      })
    }), { numRuns: 30 })
  })

  test(`${name}: nothing before its start is over`, () => {
    const mix = new SupplyMix([example], { atMs: 0, demandW: 0, isIslanded: false })
    mix.demand(0, mostW / 2)
    const startMs = 'startMs' in example ? example.startMs : 0
    mix.advance(Math.max(1, startMs))
    if (startMs > 0) assert.equal(mix.outputW(0), 0)
    mix.advance(startMs + 30 * MINUTE_MS)
    if (isFlow) assert.ok(mix.outputW(0) > 0)
  })
}

function accounts(given: SupplyCase): void {
  const { mostW } = given
  const { name } = given.example

  test(`${name}: energy in is energy out and losses, in each interval (I11)`, () => {
    fc.assert(fc.property(steps, (program) => {
      const mix = mixOf(given)
      follow(mix, program, 1.5 * mostW, () => {
        assert.ok(Math.abs(mix.errorWms()) <= 1e-9 * mostW * 15 * MINUTE_MS, `${mix.errorWms()}`)
      })
      mix.advance(150 * MINUTE_MS)
      const { flowsJ, givenJ, takenJ, unservedJ, demandJ, surplusJ } = mix.totals
      const inJ = sum(flowsJ) + sum(givenJ) + unservedJ
      const outJ = demandJ + surplusJ + sum(takenJ)
      assert.ok(Math.abs(inJ - outJ) <= 1e-9 * inJ + 1e-3, `${inJ} J in, ${outJ} J out`)
    }), { numRuns: 30 })
  })

  test(`${name}: costs nothing below zero, unless a price does`, () => {
    fc.assert(fc.property(steps, (program) => {
      const mix = mixOf(given)
      let before = 0
      follow(mix, program, mostW, () => {
        assert.ok(mix.usd >= before - 1e-9 * before)
        before = mix.usd
      })
    }), { numRuns: 20 })
  })
}

function future(given: SupplyCase): void {
  const { mostW } = given
  const { name, type } = given.example
  const isFlow = type !== 'battery'

  test(`${name}: what is forecast comes, where nothing changes; a forecast changes nothing`, () => {
    const ahead = fc.integer({ min: 0, max: 60 * MINUTE_MS })
    fc.assert(fc.property(steps, ahead, (program, aheadMs) => {
      const mix = mixOf(given)
      follow(mix, program, mostW, () => {})
      const atMs = mix.nowMs + aheadMs
      const expected = mix.forecast(atMs)
      assert.equal(mix.nowMs + aheadMs, expected.nowMs)
      mix.advance(atMs)
      assert.deepEqual(seen(expected, isFlow), seen(mix, isFlow))
    }), { numRuns: 30 })
  })

  test(`${name}: what is available now can be drawn at once, and held`, () => {
    fc.assert(fc.property(steps, (program) => {
      const mix = mixOf(given)
      follow(mix, program, mostW, () => {})
      const before = mix.unservedJ
      mix.demand(mix.nowMs, mix.availableW(mix.nowMs))
      mix.advance(mix.nowMs + 15 * MINUTE_MS)
      assert.ok(mix.unservedJ - before <= 1, `${mix.unservedJ - before} J not served`)
    }), { numRuns: 20 })
  })
}

/** Runs a program of steps, looking every 20 s and at each step. */
function follow(
  mix: SupplyMix, program: readonly { atMs: number, shareRatio: number }[], mostW: number,
  look: () => void,
): void {
  for (const { atMs, shareRatio } of program) {
    while (mix.nowMs + 20_000 < atMs) {
      mix.advance(mix.nowMs + 20_000)
      look()
    }
    mix.demand(atMs, Math.round(mostW * shareRatio))
    look()
  }
}

function seen(mix: SupplyMix, isFlow: boolean): unknown {
  return [mix.nowMs, isFlow ? mix.outputW(0) : 0, mix.storesW(), mix.heldRatio(), mix.usd,
    mix.availableW(mix.nowMs), mix.totals]
}

/** Watts a minute with everything on; Infinity where it follows at once. */
function rampOf(supply: Supply): number {
  if (supply.type === 'grid') return supply.riseWPerMin === 0 ? Infinity : supply.riseWPerMin
  return 'rampWPerMin' in supply ? supply.units * supply.rampWPerMin : Infinity
}

function sum(all: Float64Array): number {
  return all.reduce((total, one) => total + one, 0)
}
