/** The rules of the house, in the order in which they are reported. */
import { comments } from './comments.ts'
import { conversions } from './conversions.ts'
import { deadExports, deadFiles } from './dead.ts'
import { determinism } from './determinism.ts'
import { firstLines, links, titles } from './documents.ts'
import { language } from './language.ts'
import { layers } from './layers.ts'
import { fileNames, synonyms } from './names.ts'
import { places } from './places.ts'
import type { Rule } from './project.ts'
import { sizes } from './sizes.ts'

export const RULES: readonly Rule[] = [
  layers,
  sizes,
  fileNames,
  synonyms,
  language,
  comments,
  determinism,
  conversions,
  deadFiles,
  deadExports,
  firstLines,
  titles,
  links,
  places,
]
