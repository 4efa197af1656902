/**
 * Measures what listing, planning and merging cost an entry and a part, and computes from that what an archive of 10 TB in 10,000
 * parts takes: `npm run build && npx tsc -p bench && node dist-bench/scale-out.js`. docs/scale.md has the table.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createArchive, createPlan, mergeArchives, mergeRanges } from '../dist/index.js';

const ENTRIES = 20_000;

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const { user, system } = process.cpuUsage();
  await work();
  const used = process.cpuUsage();
  return (used.user - user + used.system - system) / 1e6;
}

interface Costs {
  readonly list: number;
  readonly merge: number;
  readonly ranges: number;
}

async function measure(folder: string, count: number): Promise<Costs> {
  const parts: string[] = [];
  for (let index = 1; index <= count; index++) {
    const path = join(folder, `part-${count}-${index}.zip`);
    await createArchive(path, ['tree'], { cwd: folder, shard: { index, count } });
    parts.push(path);
  }
  const list = await seconds(() => createPlan(join(folder, 'plan'), ['tree'], { cwd: folder }));
  const merge = await seconds(() => mergeArchives(join(folder, 'merged.zip'), parts));
  const ranges = await seconds(() => mergeRanges(join(folder, 'tail'), parts, { minRange: 0 }));
  return { list, merge, ranges };
}

const folder = mkdtempSync(join(tmpdir(), 'pzip-scale-'));
try {
  for (let index = 0; index < ENTRIES; index++) {
    const directory = join(folder, 'tree', String(index % 200));
    if (index < 200) mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `file-${index}`), `content ${index}`);
  }
  await measure(folder, 2);
  const few = await measure(folder, 2);
  const many = await measure(folder, 102);
  const perEntry = { list: few.list / ENTRIES, merge: few.merge / ENTRIES, ranges: few.ranges / ENTRIES };
  const perPart = {
    merge: Math.max(0, many.merge - few.merge) / 100,
    ranges: Math.max(0, many.ranges - few.ranges) / 100,
  };
  const micro = (value: number): string => `${(value * 1e6).toFixed(1)} µs`;
  console.log(
    `an entry: list ${micro(perEntry.list)}, merge ${micro(perEntry.merge)}, ranges ${micro(perEntry.ranges)}`,
  );
  console.log(`a part: merge ${micro(perPart.merge)}, ranges ${micro(perPart.ranges)}`);
  for (const entries of [1e4, 1e6, 1e8]) {
    const list = entries * perEntry.list;
    const ranges = entries * perEntry.ranges + 1e4 * perPart.ranges;
    const merge = entries * perEntry.merge + 1e4 * perPart.merge;
    console.log(`10 TB, 10,000 parts, ${entries} entries: list ${list.toFixed(1)} s, ranges ${ranges.toFixed(0)} s,`);
    console.log(`  merge ${merge.toFixed(0)} s and the copy: ${(10e12 / 1e9).toFixed(0)} s at 1 GB/s`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
