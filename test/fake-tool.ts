// Programs of a system by scripts that print what was recorded, in a folder that goes on the PATH.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const RECORDED = join(import.meta.dirname, 'fixtures/power-tools')

/** What was recorded, without the lines at its head that say where. */
export function recorded(name: string): string {
  return readFileSync(join(RECORDED, name), 'utf8').replaceAll(/^# .*\n/gm, '')
}

/**
 * Runs `inside` while each tool is a script of sh, by its name, and no other program of that kind
 * is found. `$DIR` is a folder of theirs in which they may keep something.
 */
export async function withTools<Value>(
  tools: Readonly<Record<string, string>>, inside: (folder: string) => Promise<Value>,
): Promise<Value> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-tools-'))
  const before = process.env['PATH']
  for (const [name, script] of Object.entries(tools)) {
    writeFileSync(join(folder, name), `#!/bin/sh\nDIR='${folder}'\n${script}\n`, { mode: 0o755 })
  }
  process.env['PATH'] = [folder, '/usr/bin', '/bin'].join(delimiter)
  try {
    return await inside(folder)
  } finally {
    process.env['PATH'] = before
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A line of sh that prints a text, whatever is in it. */
export function printing(text: string): string {
  return `cat <<'RECORDED'\n${text.replace(/\n$/, '')}\nRECORDED`
}
