// Shows which known word is found for a misspelt one, and that a far one is not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestWord } from './text.ts'

test('the nearest word, or none', () => {
  const known = ['philly', 'kalos', 'swf', 'csv']
  const cases = { phily: 'philly', Kalos: 'kalos', cvs: 'csv', sfw: 'swf', openb: undefined,
    '': undefined, philly2: 'philly', phillies: undefined }
  for (const [word, wanted] of Object.entries(cases)) {
    assert.equal(nearestWord(word, known), wanted, word)
  }
  assert.equal(nearestWord('ab', ['abc', 'abd']), 'abc', 'the first of equals')
  assert.equal(nearestWord('a', []), undefined)
})
