/** Writes man/pzip.1, a part of every build: what --help says in short, it says at length, from the same table. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { manPage } from '../dist/cli/man-page.js';

const root = new URL('..', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
mkdirSync(new URL('man/', root), { recursive: true });
writeFileSync(new URL('man/pzip.1', root), manPage(version));
