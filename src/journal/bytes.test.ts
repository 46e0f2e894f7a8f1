// What is written into bytes comes out the same: whole and signed numbers, floats and texts at
// their limits; what does not fit is a bug where it is written, and a RangeError where it is read.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { AssertionError } from '../base/assert.ts'
import { ByteReader, ByteWriter, TEXT_MOST } from './bytes.ts'

const MOST = Number.MAX_SAFE_INTEGER
const SIGNED_MOST = 2 ** 52 - 1

test('whole numbers, seven bits a byte', () => {
  for (const [value, length] of [[0, 1], [127, 1], [128, 2], [16_383, 2], [16_384, 3],
    [2 ** 32, 5], [2 ** 49 - 1, 7], [2 ** 49, 8], [MOST, 8]] as const) {
    const bytes = written((to) => to.whole(value))
    assert.equal(bytes.length, length, `${value}`)
    assert.equal(new ByteReader(bytes).whole(), value)
  }
  assert.deepEqual([...written((to) => to.whole(300))], [0xac, 0x02])
})

test('any whole or signed number, float or text comes back', () => {
  const cell = fc.oneof(
    fc.record({ kind: fc.constant('whole' as const), value: fc.maxSafeNat() }),
    fc.record({
      kind: fc.constant('signed' as const),
      value: fc.integer({ min: -SIGNED_MOST, max: SIGNED_MOST }),
    }),
    fc.record({ kind: fc.constant('float' as const), value: fc.double() }),
    fc.record({
      kind: fc.constant('text' as const),
      value: fc.string({ unit: 'grapheme', maxLength: 300 }),
    }),
  )
  fc.assert(fc.property(fc.array(cell, { maxLength: 30 }), (cells) => {
    const bytes = written((to) => {
      for (const { kind, value } of cells) to[kind](value as never)
    }, 1)
    const reader = new ByteReader(bytes)
    assert.deepEqual(cells.map(({ kind }) => reader[kind]()), cells.map(({ value }) => value))
    assert.ok(reader.isAtEnd)
  }), { numRuns: 500 })
})

test('texts of every length around the limits', () => {
  for (const length of [0, 1, 127, 128, 129, 16_383, 16_384, TEXT_MOST]) {
    assert.equal(textBack('x'.repeat(length)), 'x'.repeat(length))
  }
  assert.equal(textBack('\uFEFFname'), '\uFEFFname', 'a byte order mark is part of a name')
  assert.equal(textBack('x'.repeat(126) + 'é'), 'x'.repeat(126) + 'é', 'the quick way is left')
})

test('a text that is too long is cut between two characters', () => {
  for (const letter of ['x', 'é', '語', '🏭']) {
    const back = textBack(letter.repeat(TEXT_MOST))
    const size = Buffer.byteLength(letter)
    assert.equal(back, letter.repeat(Math.floor(TEXT_MOST / size)))
  }
})

test('what does not fit is a bug of the writer', () => {
  for (const value of [-1, 0.5, MOST + 1, NaN, Infinity]) {
    assert.throws(() => written((to) => to.whole(value)), AssertionError, `whole ${value}`)
  }
  for (const value of [2 ** 52, -(2 ** 52) - 1, -0.5]) {
    assert.throws(() => written((to) => to.signed(value)), AssertionError, `signed ${value}`)
  }
  for (const value of [-1, 256, NaN]) {
    assert.throws(() => written((to) => to.byte(value)), AssertionError, `byte ${value}`)
  }
})

test('bytes that end too early or make no sense are a RangeError', () => {
  const cases: readonly (readonly [readonly number[], (from: ByteReader) => unknown])[] = [
    [[], (from) => from.byte()],
    [[0x80], (from) => from.whole()],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], (from) => from.whole()],
    [[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0], (from) => from.whole()],
    [[0, 0, 0, 0, 0, 0, 0], (from) => from.float()],
    [[2, 0x61], (from) => from.text()],
    [[0xff, 0xff, 0x7f], (from) => from.text()],
    [[1, 0xff], (from) => from.text()],
    [[2, 0xe8, 0xaa], (from) => from.text()],
  ]
  for (const [bytes, read] of cases) {
    assert.throws(() => read(new ByteReader(Uint8Array.from(bytes))), RangeError, `${bytes}`)
  }
})

function written(write: (to: ByteWriter) => void, room?: number): Uint8Array {
  const writer = new ByteWriter(room)
  write(writer)
  return writer.bytes.slice(0, writer.length)
}

function textBack(text: string): string {
  return new ByteReader(written((to) => to.text(text))).text()
}
