// Chromium, found on this machine and driven by playwright-core.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

export const executable = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => existsSync(p));

export function launch(extra = []) {
  return chromium.launch({
    executablePath: executable,
    args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...extra],
  });
}
