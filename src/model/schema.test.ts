// Shows that the published JSON Schema is that of the code, and that each key says what it is for.
// MILLRACE_UPDATE=1 writes the schema anew.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { factoryJsonSchema, factorySchema } from './schema.ts'

const PATH = join(import.meta.dirname, '..', '..', 'docs', 'factory.schema.json')

test('docs/factory.schema.json is up to date', () => {
  const text = `${JSON.stringify(factoryJsonSchema(), null, 2)}\n`
  if (process.env['MILLRACE_UPDATE'] === '1') writeFileSync(PATH, text)
  assert.ok(readFileSync(PATH, 'utf8') === text,
    'run MILLRACE_UPDATE=1 node --test src/model/schema.test.ts')
})

test('every key has a description or keys of its own', () => {
  const missing: string[] = []
  collect(factoryJsonSchema(), '', missing)
  assert.deepEqual(missing, [])
})

test('a document stays plain JSON, with the units that a person wrote', () => {
  const document = { name: 'a', sites: [{ name: 's', limit: '40 MW',
    racks: [{ system: 'dgx-h100', count: 10 }] }] }
  assert.deepEqual(factorySchema.parse(document), document)
})

type Node = {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly anyOf?: readonly Node[]
}

function collect(node: Node, path: string, missing: string[]): void {
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    const inner = child.items ?? child
    if (child.description === undefined && inner.description === undefined
      && inner.properties === undefined) missing.push(`${path}${key}`)
    collect(child, `${path}${key}.`, missing)
  }
  if (node.items !== undefined) collect(node.items, path, missing)
  for (const branch of node.anyOf ?? []) collect(branch, path, missing)
}
