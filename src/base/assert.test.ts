// Shows that a broken promise throws an error of its own kind with its message.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as promise, AssertionError, unreachable } from './assert.ts'

test('a promise that holds is silent, a broken one says which', () => {
  promise(true, 'I1 time never goes back')
  assert.throws(() => promise(false, 'I1 time went back'),
    (error) => error instanceof AssertionError && error.message === 'I1 time went back')
  assert.throws(() => unreachable({ type: 'odd' } as never),
    (error) => error instanceof AssertionError && error.message.includes('{"type":"odd"}'))
})
