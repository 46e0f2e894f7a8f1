/** Appends batches to the journal of a folder for ever, telling each that is durable: for tests. */
import { writeSync } from 'node:fs'
import { openStore } from '../../src/journal/sqlite.ts'
import { auditOf, batchOf, HEADER, snapshotOf, specOf } from '../suites/store.suite.ts'

const store = await openStore(process.argv[2]!, HEADER, {
  historyBytes: 4000, auditKeepMs: Infinity, keyKeepMs: Infinity,
})
for (let number = store.opened.lastSeq + 1; ; number++) {
  await store.append(batchOf(number, {
    specs: [{ number, spec: specOf(number, `job-${number}`) }], audits: [auditOf(number)],
  }))
  writeSync(1, `${number}\n`)
  if (number % 10 === 0) await store.keep(snapshotOf(number / 10 % 200))
}
