// The project keeps the rules that CONVENTIONS.md marks (tidy), and each rule finds its samples.
import { deepEqual, equal, fail } from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { RULES } from './tidy/index.ts'
import { projectOf, readProject, type Violation } from './tidy/project.ts'
import { scan } from './tidy/scan.ts'

const project = readProject(join(import.meta.dirname, '..'))

describe('the project', () => {
  for (const rule of RULES) {
    test(rule.name, () => {
      const found = rule.check(project)
      if (found.length > 0) fail(`${found.length} to correct:\n${found.map(print).join('\n')}\n`)
    })
  }
})

describe('the rule finds its samples', () => {
  for (const rule of RULES) {
    test(rule.name, () => {
      for (const { files, finds } of rule.samples) {
        const found = rule.check(projectOf(files)).map(({ path, line }) => `${path}:${line}`)
        deepEqual(found, finds, JSON.stringify(files))
      }
    })
  }
})

describe('the scanner tells code from the rest', () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a = 'b // c' // d", 'word mark string comment'],
    ['a / b / c', 'word mark word mark word'],
    ['x = /[/"]+/g.test(y)', 'word mark regex mark word mark word mark'],
    ['`a${b + `c${d}`}e`', 'template word mark template word template template'],
    ['`${{ a: 1 }}`', 'template mark word mark number mark template'],
    ['(1e3 / 2_000)', 'mark number mark number mark'],
    ['/** a\n * b */ c', 'comment word'],
    ['f(a)[0] / 2', 'word mark word mark mark number mark mark number'],
  ]
  for (const [text, kinds] of cases) {
    test(text, () => {
      equal(scan(text).map((token) => token.kind).join(' '), kinds)
    })
  }
})

function print({ path, line, message }: Violation): string {
  return `  ${path}:${line}  ${message}`
}
