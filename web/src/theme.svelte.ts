/** Light or dark, as the person chose or else as the system is. */
export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const STORED = 'millrace.theme'
const system = matchMedia('(prefers-color-scheme: dark)')
const first = THEMES.find((each) => each === localStorage.getItem(STORED)) ?? 'auto'

export const theme: { chosen: Theme, isDark: boolean } = $state({
  chosen: first, isDark: isDark(first),
})
show()

export function choose(chosen: Theme): void {
  theme.chosen = chosen
  localStorage.setItem(STORED, chosen)
  show()
}

system.addEventListener('change', show)

function show(): void {
  theme.isDark = isDark(theme.chosen)
  if (theme.chosen === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme.chosen
}

function isDark(chosen: Theme): boolean {
  return chosen === 'dark' || (chosen === 'auto' && system.matches)
}
