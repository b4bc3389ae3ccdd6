import { labelled, select } from './element.js';

const KEY = 'sparsetag.theme';
const THEMES = [
  ['auto', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const;

/** The switch between light and dark; `changed` is told when colours are others than before. */
export function themeSwitch(changed: () => void): HTMLElement {
  const stored = readTheme();
  apply(stored);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  const control = select(THEMES, stored, (theme) => {
    apply(theme);
    writeTheme(theme);
    changed();
  });
  return labelled('Colours', control);
}

function apply(theme: string): void {
  document.documentElement.dataset.theme = theme;
}

/** Where the browser stores nothing the choice lasts as long as the page. */
function readTheme(): string {
  try {
    const theme = localStorage.getItem(KEY);
    return THEMES.some(([name]) => name === theme) ? theme! : 'auto';
  } catch {
    return 'auto';
  }
}

function writeTheme(theme: string): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The choice lasts as long as the page.
  }
}
