// Completion scripts are sound in their shells, where those are installed, and complete commands,
// commands below them, and options.
import { equal, match } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { batch, newFolder } from './command.ts'

const { folder, remove } = newFolder()
after(remove)

for (const shell of ['bash', 'zsh', 'fish']) {
  test(`${shell} can read what is printed for it`, async (run) => {
    const [done] = await batch(folder, [['completion', shell]])
    equal(done!.code, 0, done!.stderr)
    match(done!.stdout, /submit/)
    const path = join(folder, `millrace.${shell}`)
    writeFileSync(path, done!.stdout)
    const { error, status, stderr } = spawnSync(shell, ['-n', path], { encoding: 'utf8' })
    if (error !== undefined) return run.diagnostic(`${shell} is not installed here`)
    equal(status, 0, stderr)
  })
}

test('bash completes commands, those below them, and options', async () => {
  const [done] = await batch(folder, [['completion', 'bash']])
  const complete = (...words: string[]) => {
    const script = `${done!.stdout}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _millrace\n`
      + 'echo "${COMPREPLY[@]}"'
    return spawnSync('bash', ['-c', script, 'bash', 'millrace', ...words],
      { encoding: 'utf8' }).stdout.trim()
  }
  equal(complete('sub'), 'submit')
  equal(complete('event', 'c'), 'curtail clear')
  equal(complete('event', 'curtail', '--targ'), '--target')
  equal(complete('queue', '--fac'), '--factory')
})

test('another shell is refused with those that are known', async () => {
  const [done] = await batch(folder, [['completion', 'tcsh']])
  equal(done!.code, 2)
  match(done!.stderr, /use one of bash, zsh, fish/)
})
