import { readFileSync } from 'node:fs'

/** Version of this Millrace, as package.json says it. */
export const VERSION = versionOf(readFileSync(
  new URL('../../package.json', import.meta.url), 'utf8'))

function versionOf(text: string): string {
  const { version } = JSON.parse(text) as { version: string }
  return version
}
