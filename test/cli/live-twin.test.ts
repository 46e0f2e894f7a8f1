// `millrace up` with a factory file on the twin, and what operators do there: limits, events,
// nodes, questions, tokens, backups, and a restart that goes on where it was.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { batch, newFolder, ROOT, shell, type Done } from './command.ts'
import { up, type Up } from './server.ts'

const WORDS = [join(ROOT, 'examples/two-sites/factory.yaml'), '--no-failures', '--pace', '60']

let server: Up
const { folder, remove } = newFolder()

before(async () => { server = await up(WORDS) })
after(async () => {
  await server.stop()
  rmSync(server.folder, { recursive: true, force: true })
  remove()
})

function ask(...commands: readonly (readonly string[])[]): Promise<Done[]> {
  return batch(folder, commands.map(([first, ...rest]) => {
    const isGroup = first === 'limit' || first === 'event' || first === 'token'
    const at = isGroup && /^(list|clear|curtail|create|revoke)$/.test(rest[0] ?? '') ? 1 : 0
    return [first!, ...rest.slice(0, at), '--state', server.state, ...rest.slice(at)]
  }))
}

/** The name of the first feeder, as the server has it. */
async function site(): Promise<string> {
  const [top] = await batch(folder, [['top', '--json', '--state', server.state]])
  return (JSON.parse(top!.stdout) as { feeders: { name: string }[] }).feeders[0]!.name
}

test('jobs of the twin wait, and why and whatif answer as they do of a journal', async () => {
  const [first, , why, whatif, top] = await ask(
    ['submit', '--gpus', '512', '--time', '4h', '--name', 'big', '--', 'train'],
    ['submit', '--gpus', '512', '--time', '2h', '--name', 'next', '--work', '2h'],
    ['why', 'next'], ['whatif', '--change', 'cancel 1', '--for', '1h', '--seeds', '1'],
    ['top', '--once'])
  equal(first!.stderr, '')
  equal(why!.stderr, '')
  match(why!.stdout, /What keeps it, in this order\n/)
  ok(whatif!.code === 0 || whatif!.code === 2, whatif!.stderr)
  match(top!.stdout, /^two-sites .* engine twin, 60 times as fast\nGPUs +[#█]/)
  ok(!top!.stdout.includes('\x1b'))
})

test('a limit is for a time, said back with its zone, listed and taken back', async () => {
  const feeder = await site()
  const [dry, set, listed] = await ask(
    ['limit', feeder, '2MW', '--from', '+2h', '--until', '+3h', '--dry-run'],
    ['limit', feeder, '2MW', '--from', '+2h', '--until', '+3h', '--cause', 'a hot day'],
    ['limit', 'list'])
  match(dry!.stdout, /would have at most 2 MW from .*\. Nothing was changed\.\n$/)
  equal(set!.stderr, '')
  const said = /^\S+ has at most 2 MW from \w{3} \d+ \w{3} \d\d:\d\d \S+ \(in 2 h\) until /
  match(set!.stdout, said)
  match(set!.stdout, /\(in 5 h\)/)
  match(listed!.stdout, /limit +2 MW .*a hot day\n/)
  const id = /"millrace limit clear (\d+)"/.exec(set!.stdout)![1]!
  const [cleared, none] = await ask(['limit', 'clear', id], ['limit', 'list'])
  equal(cleared!.stdout, `${id} is taken back.\n`)
  match(none!.stdout, /^There are none/)
})

test('an event of the grid is announced as a share or as watts, and taken back', async () => {
  const [share, list] = await ask(
    ['event', 'curtail', '--target', '25%', '--notice', '30m', '--for', '1h', '--baseline', '2MW',
      '--ramp-in', '10m'],
    ['event', 'list'])
  equal(share!.stderr, '')
  match(share!.stdout, /^The draw goes by 25\.0 % from .* \(in 30 min\) for 1 h\./)
  match(list!.stdout, /target +1\.5 MW/)
  const id = /"millrace event clear (\d+)"/.exec(share!.stdout)![1]!
  const [cleared, both] = await ask(['event', 'clear', id],
    ['event', 'curtail', '--target', '1MW', '--at', '18:00', '--notice', '1h', '--for', '1h'])
  equal(cleared!.code, 0)
  match(both!.stderr, /^--at and --notice both say when; give one\./)
})

test('nodes are drained with a reason and serve again', async () => {
  const [bare, drained, factories, resumed] = await ask(['drain', '0-1'],
    ['drain', '0-1', '--reason', 'pump'], ['factories', '--json'], ['resume', '0-1'])
  match(bare!.stderr, /required option '--reason <text>'/)
  equal(drained!.stdout, '0-1 is drained: nothing new starts there.\n')
  const { items } = JSON.parse(factories!.stdout) as { items: { nodes: { drained: number } }[] }
  equal(items[0]!.nodes.drained, 2)
  equal(resumed!.stdout, '0-1 serves again.\n')
})

test('a token of a role may do what that role may, until it is revoked', async () => {
  const [made, list] = await ask(['token', 'create', 'kim', '--role', 'viewer', '--expires', '1d'],
    ['token', 'list'])
  equal(made!.stderr, '')
  const token = made!.stdout.trim()
  match(token, /^mr_/)
  match(list!.stdout, /kim +viewer/)
  ok(!list!.stdout.includes(token))
  const { address } = JSON.parse(readFileSync(join(server.state, 'server.json'), 'utf8')) as {
    address: string }
  const as = (line: string) => shell(folder,
    `export MILLRACE_URL=${address} MILLRACE_TOKEN=${token} XDG_STATE_HOME=/nowhere; ${line}`)
  const seen = await as('millrace queue')
  equal(seen.code, 0, seen.stderr)
  const refused = await as('millrace submit --gpus 1 -- train')
  equal(refused.code, 2)
  match(refused.stderr, /kim is viewer; this takes submitter/)
  const [revoked] = await ask(['token', 'revoke', 'kim'])
  match(revoked!.stdout, /of kim is void/)
  match((await as('millrace queue')).stderr, /not known|expired/)
})

test('the token of the folder is not sent to another address', async () => {
  const { code, stderr } = await shell(folder,
    `export MILLRACE_URL=http://127.0.0.1:9 XDG_STATE_HOME='${folder}'; millrace queue`)
  equal(code, 2)
  match(stderr, /^There is no token for http:\/\/127\.0\.0\.1:9: set MILLRACE_TOKEN/)
})

test('it is backed up while it runs, goes on after a stop, and is brought back', async () => {
  const to = join(folder, 'backup')
  const [saved, again] = await batch(folder, [
    ['backup', to, '--state', server.state], ['backup', to, '--state', server.state]])
  match(saved!.stdout, /^two-sites: copied up to block \d+\.\n$/)
  match(again!.stderr, /there is something already, and it is not replaced/)
  const [busy] = await batch(folder, [['restore', to, '--state', server.state]])
  equal(busy!.code, 4)
  equal(await server.stop(), 0)
  match(server.printed(), /Stopped\. Jobs of this machine run on; the next start finds them\./)
  const [gone] = await ask(['queue'])
  equal(gone!.code, 4)
  match(gone!.stderr, /No server of Millrace has|is gone/)
  const [restored] = await batch(folder, [['restore', to, '--state', server.state]])
  match(restored!.stdout, /brought back up to block \d+\. What was there is in /)
  server = await up(WORDS, server.state)
  ok(!server.printed().includes('Admin token'))
  const [queue] = await ask(['show', 'next', '--json'])
  deepEqual((JSON.parse(queue!.stdout) as { name: string }).name, 'next')
})
