import { Command } from 'commander'
import { readChoice } from './options.ts'
import { print } from './print.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

export function completionCommand(done: (exitCode: number) => void, program: Command): Command {
  return new Command('completion')
    .summary('print what lets a shell complete commands and options')
    .description('Prints a script for a shell that completes commands and options.')
    .argument('<shell>', SHELLS.join(', '))
    .addHelpText('after', `
Example:
  millrace completion bash > ~/.millrace-completion   # then source it in ~/.bashrc
  source <(millrace completion zsh)                   # in ~/.zshrc, after compinit
  millrace completion fish > ~/.config/fish/completions/millrace.fish`)
    .action((shell: string) => {
      const name = readChoice('completion', shell, SHELLS)
      const paths = pathsOf(program, [])
      print(name === 'bash' ? bash(paths) : name === 'zsh' ? zsh(paths) : fish(paths))
      done(0)
    })
}

/** A command by its words, and what may follow them. */
type Path = {
  readonly words: readonly string[]
  readonly commands: readonly Entry[]
  readonly options: readonly Entry[]
}

type Entry = { readonly word: string, readonly about: string }

function pathsOf(command: Command, words: readonly string[]): Path[] {
  const commands = command.commands.filter((each) => each.name() !== 'help')
  const options = command.options.filter((option) => option.long !== undefined && !option.hidden)
    .map((option) => ({ word: option.long!, about: firstSentence(option.description) }))
  const path = {
    words, options: [...options, { word: '--help', about: 'show what it does' }],
    commands: commands.map((each) => ({
      word: each.name(), about: firstSentence(each.summary() || each.description()),
    })),
  }
  return [path, ...commands.flatMap((each) => pathsOf(each, [...words, each.name()]))]
}

function firstSentence(text: string): string {
  return text.split(/[.;:]( |$)/)[0]!
}

/** The words of a path that has commands below it decide what follows; the rest are files. */
function cases({ words, commands, options }: Path): string {
  const all = [...commands, ...options].map(({ word }) => word).join(' ')
  return `    ${quoted(words.join(' '))}) words=${quoted(all)} ;;`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** Which command is meant by the words so far, for shells with POSIX-like functions. */
function walk(paths: readonly Path[]): string {
  const inner = paths.filter(({ commands }) => commands.length > 0).map(({ words, commands }) =>
    commands.map(({ word }) => quoted([...words, word].join(' '))).join('|'))
  return `${inner.join('|')}) path="$next" ;;`
}

function bash(paths: readonly Path[]): string {
  return `# Completes millrace in bash: source <(millrace completion bash)
_millrace() {
  local path='' next='' word='' words='' at=0
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="\${COMP_WORDS[at]}"
    next="\${path:+$path }$word"
    case "$next" in
      ${walk(paths)}
    esac
  done
  case "$path" in
${paths.map(cases).join('\n')}
  esac
  local current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _millrace millrace
`
}

function zsh(paths: readonly Path[]): string {
  const described = ({ words, commands, options }: Path) => {
    const all = [...commands, ...options].map(({ word, about }) =>
      quoted(`${word}:${about.replaceAll(':', ' ')}`)).join(' ')
    return `    ${quoted(words.join(' '))}) found=(${all}) ;;`
  }
  return `#compdef millrace
# Completes millrace in zsh: source <(millrace completion zsh), after compinit
_millrace() {
  local path_='' next='' at=0
  local -a found
  for ((at = 2; at < CURRENT; at++)); do
    next="\${path_:+$path_ }\${words[at]}"
    case "$next" in
      ${walk(paths).replace('path="$next"', 'path_="$next"')}
    esac
  done
  case "$path_" in
${paths.map(described).join('\n')}
  esac
  _describe 'millrace' found || _files
}
compdef _millrace millrace
`
}

function fish(paths: readonly Path[]): string {
  const lines = paths.flatMap(({ words, commands, options }) => {
    const next = commands.map(({ word }) => word).join(' ')
    const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`)
    const unseen = next === '' ? [] : [`not __fish_seen_subcommand_from ${next}`]
    const when = [...seen, ...unseen].join('; and ') || 'true'
    return [...commands.map(({ word, about }) =>
      `complete -c millrace -n ${quoted(when)} -f -a ${word} -d ${quoted(about)}`),
    ...options.map(({ word, about }) =>
      `complete -c millrace -n ${quoted(when)} -l ${word.slice(2)} -d ${quoted(about)}`)]
  })
  return `# Completes millrace in fish: millrace completion fish > `
    + `~/.config/fish/completions/millrace.fish\n${lines.join('\n')}\n`
}
