// Shows that a fingerprint sees every bit, order and length, and that it does not depend on how
// the words come in.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Fingerprint, hashText } from './hash.ts'

function digestOf(...parts: readonly (Int32Array | Uint8Array)[]): string {
  const fingerprint = new Fingerprint()
  for (const part of parts) {
    if (part instanceof Int32Array) fingerprint.addWords(part)
    else fingerprint.addBytes(part)
  }
  return fingerprint.digest()
}

test('known values', () => {
  assert.equal(digestOf(), '1388a0fb07d50fef')
  assert.equal(digestOf(new Int32Array([1, 2, 3])), '9a5f2da4de472106')
  assert.equal(hashText('millrace', 0), -2117801999)
})

test('words in one piece, in two, or as bytes at any offset are the same', () => {
  const words = fc.array(fc.integer(), { maxLength: 40 })
  fc.assert(fc.property(words, fc.nat(40), fc.nat(3), (list, cut, offset) => {
    const all = new Int32Array(list)
    const whole = digestOf(all)
    assert.equal(digestOf(all.slice(0, cut), all.slice(cut)), whole)
    const bytes = new Uint8Array(all.byteLength + 8)
    bytes.set(new Uint8Array(all.buffer), offset)
    assert.equal(digestOf(bytes.subarray(offset, offset + all.byteLength)), whole)
  }))
})

test('one bit, the order or a zero more changes it', () => {
  const words = fc.array(fc.integer(), { minLength: 1, maxLength: 40 })
  fc.assert(fc.property(words, fc.nat(39), fc.nat(31), (list, at, bit) => {
    const all = new Int32Array(list)
    const changed = all.slice()
    changed[at % all.length]! ^= 1 << bit
    assert.notEqual(digestOf(changed), digestOf(all))
    assert.notEqual(digestOf(new Int32Array([...list, 0])), digestOf(all))
  }))
  assert.notEqual(digestOf(new Int32Array([1, 2])), digestOf(new Int32Array([2, 1])))
})

test('similar texts and seeds are far apart', () => {
  const seen = new Set<number>()
  for (let seed = 0; seed < 100; seed++) {
    for (let name = 0; name < 100; name++) seen.add(hashText(`stream${name}`, seed))
  }
  // Of 10,000 draws of 2^32, a pair falls together with probability 0.012.
  assert.ok(seen.size >= 9999)
})
