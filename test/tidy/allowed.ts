/**
 * Exports that nothing outside their file uses yet, each with its reason. An entry that is no
 * longer needed fails the build too.
 */
export const ALLOWED_EXPORTS: Readonly<Record<string, string>> = {
  'src/model/rule.ts#ruleOrName': 'the key of a factory file that names or writes out a rule',
}
