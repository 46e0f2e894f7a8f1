// Shows that every registered format passes the suite of its kind, and that names are looked up.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { traceSuite } from '../../test/suites/trace.suite.ts'
import { InputError } from '../model/error.ts'
import { TRACE_FORMATS, traceFormat } from './index.ts'

for (const format of Object.values(TRACE_FORMATS)) traceSuite(format)

test('formats are found by their own name, and a wrong name gets the nearest', () => {
  for (const [name, format] of Object.entries(TRACE_FORMATS)) {
    assert.equal(format.name, name)
    assert.equal(traceFormat(name), format)
    assert.match(format.summary, /^.{20,300}$/)
  }
  assert.throws(() => traceFormat('phily'), (error) => error instanceof InputError
    && error.message === 'no trace format is called "phily", the nearest is philly; '
      + 'the formats are csv, kalos, kueue, philly, sacct, swf')
  assert.throws(() => traceFormat('constructor'), InputError)
  assert.throws(() => traceFormat('__proto__'), InputError)
})
