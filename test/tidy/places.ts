/** The project runs anywhere: no path and no host of the machine on which it was written. */
import type { Rule, Source, Violation } from './project.ts'

const PLACES: readonly (readonly [RegExp, string])[] = [
  [/(?:^|[^\w./-])\/(?:work|root|home\/\w+|Users\/\w+)\//, 'an absolute path of one machine'],
  [/\bregistry\.[\w-]+\.\w+|\b(?:npmjs\.(?:org|com)|pypi\.org|proxy\.golang\.org)\b/i,
    'the host of a registry'],
  [/\b(?:artifactory|nexus\.[\w-]+\.\w+)\b/i, 'the host of a registry'],
]

export const places: Rule = {
  name: 'no absolute paths of a machine, no hosts of registries',
  check: (project) => project.files.filter(isBound).flatMap(checkFile),
  samples: [
    { files: { 'docs/a.md': 'see /work/x' }, finds: ['docs/a.md:1'] },
    { files: { 'a.json': '\n"/root/.cache"' }, finds: ['a.json:2'] },
    { files: { 'a.json': '"https://registry.example.org/x"' }, finds: ['a.json:1'] },
    { files: { 'a.md': 'src/work/a.ts ./root/x https://example.org/work/' }, finds: [] },
  ],
}

/** Its own samples are the one place that names them. */
function isBound({ path }: Source): boolean {
  return path !== 'test/tidy/places.ts'
}

function checkFile(file: Source): Violation[] {
  const found: Violation[] = []
  file.lines.forEach((text, i) => {
    const place = PLACES.find(([pattern]) => pattern.test(text))
    if (place === undefined) return
    found.push({ path: file.path, line: i + 1, message: `${place[1]}; make it relative` })
  })
  return found
}
