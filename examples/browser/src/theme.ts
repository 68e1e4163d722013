// Light and dark: what the system prefers, until the switch says otherwise.

const KEY = 'bitgauss-theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
const root = document.documentElement;
const listeners: (() => void)[] = [];
/** Reads colours: a custom property is only a text, the colour of an element is resolved. */
const probe = document.createElement('span');
const colors = new Map<string, string>();

function isDark(): boolean {
  return root.dataset.theme === undefined ? dark.matches : root.dataset.theme === 'dark';
}

/** The value of a custom property, as canvases understand it. */
export function color(name: string): string {
  let value = colors.get(name);
  if (value === undefined) {
    probe.style.color = `var(${name})`;
    value = getComputedStyle(probe).color;
    colors.set(name, value);
  }
  return value;
}

/** For what is drawn on canvases: called when colours change. */
export function onThemeChange(listener: () => void): void {
  listeners.push(listener);
}

export function setUpTheme(button: HTMLButtonElement): void {
  probe.hidden = true;
  document.body.append(probe);
  const show = (): void => {
    colors.clear();
    button.setAttribute('aria-pressed', String(isDark()));
    for (const listener of listeners) listener();
  };
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    // A choice that is the system's is none: the page follows the system again.
    if (isDark() === dark.matches) delete root.dataset.theme;
    remember(root.dataset.theme);
    show();
  });
  dark.addEventListener('change', show);
  const chosen = remembered();
  if (chosen === 'light' || chosen === 'dark') root.dataset.theme = chosen;
  show();
}

/** Where storage is forbidden, the choice lasts as long as the page. */
function remember(theme: string | undefined): void {
  try {
    if (theme === undefined) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {}
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
