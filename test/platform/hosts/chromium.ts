import { browserHost } from './browser.js';

/** Nothing that calls its maker's servers; root has no sandbox to offer. */
export const QUIET: readonly string[] = [
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

export const chromium: ReturnType<typeof browserHost> = browserHost({
  name: 'chromium',
  programs: [
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  package: 'chromium',
  args: (profile, url) => ['--headless=new', `--user-data-dir=${profile}`, ...QUIET, url],
});
