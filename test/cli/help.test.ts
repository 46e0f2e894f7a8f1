// Every command explains itself with an example, and a misspelt word gets the near one and code 2.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { batch, millrace, newFolder } from './command.ts'

const COMMANDS = [
  'demo', 'twin', 'why', 'whatif', 'replay', 'journal', 'factory', 'factory check',
  'factory show', 'catalog', 'catalog list', 'catalog show', 'rules', 'rules check', 'rules list',
  'rules show', 'waveform', 'up', 'submit', 'queue', 'show', 'logs', 'top', 'cancel', 'hold',
  'release', 'requeue', 'checkpoint', 'drain', 'resume', 'limit', 'limit list', 'limit clear',
  'event', 'event list', 'event clear', 'event curtail', 'factories', 'token', 'token list',
  'token create', 'token revoke', 'backup', 'restore', 'completion',
]

const { folder, remove } = newFolder()
after(remove)

test('help lists every command with an example, and the exit codes', async () => {
  const { code, stdout, stderr } = await millrace(folder, '--help')
  equal(code, 0)
  equal(stderr, '')
  const listed = [...stdout.matchAll(/^ {2}([a-z]+) .*/gm)].map((each) => each[1]!)
  const examples = stdout.slice(stdout.indexOf('Examples:'))
  for (const name of COMMANDS) {
    ok(listed.includes(name.split(' ')[0]!), name)
    const isGroup = COMMANDS.some((other) => other.startsWith(`${name} `))
    if (!isGroup) ok(examples.includes(`\n  millrace ${name}`), name)
  }
  for (const exitCode of [0, 1, 2, 3, 4]) match(stdout, new RegExp(`^ {2}${exitCode} {2}\\w`, 'm'))
})

test('the help of each command has an example of it', async () => {
  const all = await batch(folder, COMMANDS.map((name) => [...name.split(' '), '--help']))
  for (const [at, { code, stdout }] of all.entries()) {
    equal(code, 0, COMMANDS[at])
    match(stdout, new RegExp(`\nExample:\n  millrace ${COMMANDS[at]}\\b`))
  }
})

test('what is misspelt gets the near word and exit code 2', async () => {
  const cases: [string, RegExp][] = [
    ['twim', /unknown command 'twim'\n\(Did you mean twin\?\)/],
    ['catalog lst', /Did you mean list\?/],
    ['twin a.yaml --trac csv:a', /unknown option '--trac'\n\(Did you mean --trace\?\)/],
    ['replay a.mrj --verfy', /Did you mean --verify\?/],
    ['catalog show H10', /no H10; did you mean H100\?/],
    ['catalog show gb200-nvl7', /did you mean gb200-nvl72\?/],
    ['catalog show', /missing required argument 'name'/],
    ['factory check a.yaml b.yaml', /too many arguments/],
    ['twin a.yaml', /--trace: give at least one, such as/],
  ]
  const all = await batch(folder, cases.map(([line]) => line.split(' ')))
  for (const [at, { code, stdout, stderr, left }] of all.entries()) {
    const [line, expected] = cases[at]!
    equal(code, 2, line)
    equal(stdout, '', line)
    match(stderr, expected)
    deepEqual(left, [])
  }
})

test('without a command it prints the help and ends with 2', async () => {
  const [bare, version] = await batch(folder, [[], ['--version']])
  equal(bare!.code, 2)
  match(bare!.stderr, /Usage: millrace/)
  equal(version!.code, 0)
  match(version!.stdout, /^\d+\.\d+\.\d+\n$/)
})
