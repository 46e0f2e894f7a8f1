/** Measures one figure in a process of its own: `node bench/child.ts NAME` prints rows as JSON. */
import { writeSync } from 'node:fs'
import { FIGURES } from './index.ts'

const figure = FIGURES.find(({ name }) => name === process.argv[2])
if (figure === undefined) throw new Error(`there is no figure ${process.argv[2]}`)
writeSync(1, JSON.stringify(await figure.run()))
