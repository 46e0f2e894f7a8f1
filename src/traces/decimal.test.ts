// Shows that numbers from bytes are the numbers that JavaScript reads from text, bit for bit.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseDecimal } from './decimal.ts'

const parse = (text: string) => parseDecimal(Buffer.from(text), 0, Buffer.byteLength(text))

test('decimals round like Number', () => {
  for (const text of ['0', '-1', '12.5', '0.1', '5.', '.5', '1e6', '1E-3', '+7', '007', '1e400',
    '123456789012345678901234567890', '0.30000000000000004', '999999999999999.9']) {
    assert.equal(parse(text), Number(text), text)
  }
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
    assert.equal(parse(`${value}`), value + 0)
  }))
  fc.assert(fc.property(fc.integer(), fc.nat(99999), (whole, part) => {
    assert.equal(parse(`${whole}.${part}`), Number(`${whole}.${part}`) + 0)
  }))
})

test('all else is no number', () => {
  for (const text of ['', '-', '.', '-.', '1.2.3', '1e', '--1', '1-', 'NaN', 'Infinity', '0x10',
    '1_000', '1,5', ' 1', '٣', 'true']) {
    assert.ok(Number.isNaN(parse(text)), text)
  }
})

test('zero has no sign', () => {
  assert.ok(Object.is(parse('-0'), 0))
  assert.ok(Object.is(parse('-0e0'), 0))
})
