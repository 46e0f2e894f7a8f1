/**
 * Exports that nothing outside their file uses yet, each with its reason. An entry that is no
 * longer needed fails the build too.
 */
export const ALLOWED_EXPORTS: Readonly<Record<string, string>> = {
}
