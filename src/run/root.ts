import { fileURLToPath } from 'node:url'

/**
 * The folder of Millrace, for its examples, its page and its own command. This file and the bundle
 * lie equally deep, so the same way up leads there from both.
 */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
