/** The page of --html in a browser: it loads nothing, draws, is used by pointer and keyboard, and no name acts. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { ZipArchive } from '../../dist/index.js';
import { launch, skip, watch } from '../helpers/browser.js';
import { isSlowSuite } from '../helpers/slow-suite.js';
import { randomBytes, textOf } from '../helpers/trees.js';

const HOSTILE = [
  '</script><img src=x onerror="globalThis.ran=1">.svg',
  '<!--<script>globalThis.ran=1',
  '<b>bold</b>',
  '&#60;i&#62;',
  '<svg onload=globalThis.ran=1>',
  'javascript:globalThis.ran=1',
  'line\nbreak',
  'right-to-left \u202egpj.exe',
  '\u05e9\u05dc\u05d5\u05dd/\u0627\u0628.txt',
  'separator\u2028\u2029',
  '__proto__/constructor',
  'hasOwnProperty',
  `long/${'n'.repeat(2000)}`,
];

describe('the page of an archive in a browser', { skip }, () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  let requests: string[];
  let complaints: string[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pzip-page-'));
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    ({ requests, complaints } = watch(page));
    await writePage('old', { 'dist/app.js': 30_000, 'dist/gone.css': 9000, 'dist/same.txt': 5000 });
    await writePage(
      'site',
      {
        'dist/app.js': 60_000,
        'dist/same.txt': 5000,
        'dist/assets/picture.png': 40_000,
        'dist/assets/twin.png': 40_000,
        'dist/assets/fonts/text.woff2': 20_000,
        'docs/index.html': 25_000,
        'docs/empty': 0,
      },
      join(folder, 'old.zip'),
    );
  });

  after(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  async function writePage(name: string, files: Record<string, number>, htmlAgainst?: string): Promise<void> {
    const html = join(folder, `${name}.html`);
    const archive = new ZipArchive(join(folder, `${name}.zip`), { html, level: 0, htmlAgainst });
    for (const [path, size] of Object.entries(files)) await archive.addBuffer(path, randomBytes(size, size));
    await archive.close();
  }

  async function openPage(name: string, colorScheme: 'light' | 'dark' = 'light'): Promise<void> {
    await page.emulateMedia({ colorScheme });
    requests.length = 0;
    complaints.length = 0;
    await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
  }

  const directory = (): Promise<string> => page.locator('#path').innerText();

  /** Colours of a grid of points. */
  const colors = (): Promise<string[]> =>
    page.evaluate<string[]>(`(() => {
      const canvas = document.querySelector('canvas');
      const pen = canvas.getContext('2d');
      const { data, width, height } = pen.getImageData(0, 0, canvas.width, canvas.height);
      const found = [];
      for (let x = 10; x < width; x += 20) {
        for (let y = 10; y < height; y += 20) found.push(String(data.slice(4 * (y * width + x), 4 * (y * width + x) + 3)));
      }
      return found;
    })()`);

  /** Of the page's background, from 0 to 255. */
  const brightness = (): Promise<number> =>
    page.evaluate<number>('Number(/\\d+/.exec(getComputedStyle(document.body).backgroundColor)[0])');

  test('it loads nothing but itself, complains of nothing, and draws rectangles in dark and in light', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      await openPage('site', scheme);
      assert.deepEqual(requests, [page.url()]);
      assert.deepEqual(complaints, []);
      const drawn = new Set(await colors());
      assert.ok(drawn.size >= 5, [...drawn].join(' '));
      assert.equal((await brightness()) < 60, scheme === 'dark');
      const light = await colors();
      await page.emulateMedia({ colorScheme: scheme === 'dark' ? 'light' : 'dark' });
      await page.evaluate('new Promise(requestAnimationFrame)');
      assert.notDeepEqual(await colors(), light);
    }
  });

  test('its policy refuses requests and scripts of others', async () => {
    await openPage('site');
    const outcome = await page.evaluate<unknown>(`(async () => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.ran = 1';
      document.head.append(script);
      const fetched = await fetch('data:text/plain,x').then(() => 'loaded', () => 'refused');
      return { fetched, ran: 'ran' in globalThis };
    })()`);
    assert.deepEqual(outcome, { fetched: 'refused', ran: false });
  });

  test('a click opens a directory, Escape and Backspace leave it, and the path leads back', async () => {
    await openPage('site');
    assert.equal(await directory(), 'site.zip');
    // The heading of the largest directory, then a file within it.
    await page.locator('canvas').click({ position: { x: 30, y: 8 } });
    assert.equal(await directory(), 'site.zip/dist');
    await page.locator('#map').press('Escape');
    assert.equal(await directory(), 'site.zip');
    await page.locator('canvas').click({ position: { x: 200, y: 300 } });
    assert.equal(await directory(), 'site.zip/dist');
    await page.locator('#map').press('Backspace');
    assert.equal(await directory(), 'site.zip');
    await page.getByRole('button', { name: 'docs/' }).click();
    assert.equal(await directory(), 'site.zip/docs');
    await page.getByRole('button', { name: 'site.zip' }).click();
    assert.equal(await directory(), 'site.zip');
  });

  test('arrows select, Enter opens, and the selection is described', async () => {
    await openPage('site');
    const map = page.locator('#map');
    await map.press('ArrowRight');
    assert.match(await page.locator('#status').innerText(), /^dist\/app\.js: 60\.0 kB \(31\.6 % of this view\)/);
    await map.press('ArrowRight');
    const beside = await page.locator('#status').innerText();
    assert.notEqual(beside, '');
    assert.doesNotMatch(beside, /app\.js/);
    await map.press('ArrowLeft');
    assert.match(await page.locator('#status').innerText(), /app\.js/);
    await map.press('Enter');
    assert.equal(await directory(), 'site.zip/dist');
    await map.press('Enter');
    assert.equal(await directory(), 'site.zip/dist');
  });

  test('/ searches; what does not match is not shown, and Escape ends the search', async () => {
    await openPage('site');
    const totals = page.locator('#totals');
    await page.locator('#map').press('/');
    await page.keyboard.type('PNG');
    await totals.filter({ hasText: '2 files match: 80.0 kB' }).waitFor();
    await page.getByRole('tab', { name: 'Largest' }).click();
    assert.deepEqual(await page.locator('td button').allInnerTexts(), ['picture.png', 'twin.png']);
    const found = new Set(await colors());
    await page.locator('#search').press('Escape');
    await totals.filter({ hasText: '7 entries' }).waitFor();
    assert.ok(new Set(await colors()).size > found.size);
    await page.getByRole('tab', { name: 'Extensions' }).click();
    await page.getByRole('button', { name: '.js', exact: true }).click();
    await totals.filter({ hasText: '1 file match' }).waitFor();
  });

  test('lists have doubles, which are named for what they are, and differences from an earlier archive', async () => {
    await openPage('site');
    const list = page.locator('#list');
    await page.getByRole('tab', { name: 'Doubles' }).click();
    assert.match(await list.innerText(), /same CRC-32 and the same size.*: very likely, not certainly, equal content/);
    assert.match(await list.innerText(), /1 group; all but one of each take 40\.0 kB/);
    assert.match(await list.innerText(), /picture\.png\s+dist\/assets\/twin\.png\s+2 ×\s+40\.0 kB/);
    await page.getByRole('tab', { name: 'Compared' }).click();
    assert.match(await list.innerText(), /4 new|5 new/);
    assert.match(await list.innerText(), /1 gone, 1 larger, 0 smaller, 0 changed at the same size, 1 with the same/);
    assert.match(await list.innerText(), /dist\/app\.js\s+larger\s+\+30\.0 kB/);
    assert.match(await list.innerText(), /dist\/gone\.css\s+gone\s+−9\.0 kB/);
    await openPage('old');
    assert.equal(await page.getByRole('tab', { name: 'Compared' }).count(), 0);
  });

  test('a name shows as text on a page, and runs nothing', async () => {
    const html = join(folder, 'hostile.html');
    const archive = new ZipArchive(join(folder, `<i>&'".zip`), { html });
    for (const [index, name] of HOSTILE.entries()) await archive.addBuffer(name, textOf(2000, index));
    await archive.close();
    await openPage('hostile');
    const texts: string[] = [];
    for (const tab of ['Content', 'Largest', 'Extensions', 'Doubles']) {
      await page.getByRole('tab', { name: tab }).click();
      texts.push(await page.locator('#list').innerText());
    }
    for (let x = 10; x < 800; x += 60) await page.mouse.move(x, 100 + x / 2);
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowRight', 'Enter']) await page.locator('#map').press(key);
    const all = texts.join('\n');
    for (const name of [
      '<img src=x onerror="globalThis.ran=1">.svg',
      '<b>bold<',
      '&#60;i&#62;',
      '<svg onload=globalThis.ran=1>',
    ]) {
      assert.ok(all.includes(name), `${name} in ${all}`);
    }
    for (const name of ['line\\u{a}break', 'right-to-left \\u{202e}gpj.exe', 'separator\\u{2028}\\u{2029}']) {
      assert.ok(all.includes(name), `${name} in ${all}`);
    }
    assert.equal(await page.locator('h1').innerText(), `<i>&'".zip`);
    const elements = await page.evaluate<unknown>(`({
      ran: 'ran' in globalThis,
      foreign: document.querySelectorAll('img, svg, iframe, object, link[href^="http"], [onerror], [onload]').length,
      scripts: document.querySelectorAll('script:not([type])').length,
    })`);
    assert.deepEqual(elements, { ran: false, foreign: 0, scripts: 1 });
    assert.deepEqual(requests, [page.url()]);
    assert.deepEqual(complaints, []);
  });

  test('100,000 entries are drawn within a second', { skip: !isSlowSuite && 'slow suite' }, async (t) => {
    const html = join(folder, 'many.html');
    const archive = new ZipArchive(join(folder, 'many.zip'), { html });
    for (let entry = 0; entry < 100_000; entry++) {
      const name = `node_modules/package-${Math.floor(entry / 120)}/part-${Math.floor(entry / 12) % 10}/${entry}.js`;
      await archive.addBuffer(name, textOf(40 + (entry % 97), entry));
    }
    await archive.close();
    await openPage('many');
    const drawn = await page.evaluate<number>("performance.getEntriesByName('first-draw')[0].startTime");
    const { size } = statSync(html);
    t.diagnostic(`first draw ${Math.round(drawn)} ms after the navigation, page of ${size} bytes`);
    assert.ok(drawn < 1000, `${drawn} ms`);
    assert.ok(size < 5_000_000, `${size} bytes`);
    assert.deepEqual(complaints, []);
  });
});
