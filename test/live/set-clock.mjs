// Loaded with --import: the wall clock is as many ms off as the file of MILLRACE_TEST_CLOCK says.
import { readFileSync } from 'node:fs'

const path = process.env.MILLRACE_TEST_CLOCK
const now = Date.now

Date.now = () => now() + offset()

function offset() {
  try {
    return Number(readFileSync(path, 'utf8'))
  } catch {
    return 0
  }
}
