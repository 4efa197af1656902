/**
 * Pages in a headless Chromium of the system. Where there is none, that is reported once and its tests are left out, unless CI is
 * set in the environment: there it is a failure.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Undefined if it is not installed. */
export const executablePath = findChromium();

function findChromium(): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, 'chromium');
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  if (process.env.CI) throw new Error('chromium is not installed; it is needed where CI is set');
  process.stderr.write('chromium is not installed: the tests of pages in a browser are left out\n');
  return undefined;
}

/** For the options of a test. */
export const skip = executablePath === undefined && 'chromium is not installed';

export function launch(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('chromium is not installed');
  // Its sandbox needs namespaces, which root in a container does not have.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** What a page has asked for and complained about. */
export function watch(page: Page): { readonly requests: string[]; readonly complaints: string[] } {
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  return { requests, complaints };
}
