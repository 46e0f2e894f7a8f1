// Runs the commands that come as JSON on the standard input, and prints what each of them did.
import { readdirSync, readFileSync } from 'node:fs'
import { main } from '../../src/cli/main.ts'
import type { Done } from './command.ts'

const commands = JSON.parse(readFileSync(0, 'utf8')) as string[][]
const texts = { stdout: '', stderr: '' }
const { stdout, stderr } = process
const writes = [stdout.write.bind(stdout), stderr.write.bind(stderr)]
const done: Done[] = []
for (const command of commands) {
  texts.stdout = ''
  texts.stderr = ''
  const before = new Set(names())
  stdout.write = (text) => Boolean(texts.stdout += String(text)) || true
  stderr.write = (text) => Boolean(texts.stderr += String(text)) || true
  const code = await main(command)
  stdout.write = writes[0]!
  stderr.write = writes[1]!
  done.push({ code, ...texts, left: names().filter((name) => !before.has(name)) })
}
stdout.write(JSON.stringify(done))

function names(): string[] {
  return readdirSync('.', { recursive: true }).map(String).filter((name) => !name.startsWith('.'))
    .filter((name) => !name.startsWith('node_modules'))
}
