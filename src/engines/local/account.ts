import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'

/** Another account of this machine, as which a job's processes run. */
export type Account = {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell: string
}

/** Where Linux keeps what sets user, group and supplementary groups, then starts a program. */
const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv']
const PATH = '/usr/local/bin:/usr/bin:/bin'

/** Changes to a folder as the user, so that its permissions count, and starts what follows. */
const ENTER = 'cd -- "$1" && shift && exec "$@"'
/** The same, with files of the user's own for output and errors. */
const ENTER_WITH_OUTPUT = 'cd -- "$1" && shift && out=$1 && err=$2 && shift 2 && '
  + 'if [ "$out" = "$err" ]; then exec "$@" >>"$out" 2>&1; else exec "$@" >>"$out" 2>>"$err"; fi'

/** The account of that name; undefined for our own. Throws a sentence where it may not be. */
export async function accountOf(name: string): Promise<Account | undefined> {
  const own = userInfo()
  if (name === '' || name === own.username) return undefined
  if (own.uid !== 0) {
    throw new Error(`only a server of root runs jobs as others: this one is ${own.username}'s, `
      + `and the job is to run as ${name}`)
  }
  const entry = await promisify(execFile)('getent', ['passwd', '--', name])
    .then(({ stdout }) => stdout.trimEnd().split(':'), () => [])
  const [found, , uid, gid, , home, shell] = entry
  if (found !== name || uid === undefined || gid === undefined) {
    throw new Error(`this machine has no account ${name}`)
  }
  return {
    name, uid: Number(uid), gid: Number(gid), home: home || '/', shell: shell || '/bin/sh',
  }
}

export function homeOf(account: Account | undefined): Record<string, string> {
  if (account === undefined) return {}
  const { name, home, shell } = account
  return { HOME: home, USER: name, LOGNAME: name, SHELL: shell, PATH, TMPDIR: '/tmp' }
}

/**
 * Arguments that start `argv` as another account, in a folder and with outputs that are opened by
 * that account. Nothing of what users write is read by a shell: it is handed over as arguments.
 */
export function asAccount(
  { uid, gid }: Account, argv: readonly string[], directory: string,
  outputs: { readonly output: string, readonly error: string }): string[] {
  const setpriv = SETPRIV.find((path) => existsSync(path))
  if (setpriv === undefined) {
    throw new Error('setpriv (util-linux) is needed to run jobs as other accounts')
  }
  const isOwnLog = outputs.output === '' && outputs.error === ''
  const shell = isOwnLog ? ['/bin/sh', '-c', ENTER, 'sh', directory]
    : ['/bin/sh', '-c', ENTER_WITH_OUTPUT, 'sh', directory,
      outputs.output || '/dev/stdout', outputs.error || '/dev/stderr']
  return [
    setpriv, `--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--',
    ...shell, ...argv,
  ]
}
