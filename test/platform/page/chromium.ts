import { type Browser, chromium } from 'playwright-core';
import { chromium as host, QUIET } from '../hosts/chromium.js';

export const launchChromium = (): Promise<Browser> => chromium.launch({ executablePath: host.executable(), args: [...QUIET] });
