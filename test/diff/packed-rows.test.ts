/** Rows are sorted by the bytes of their names, whatever is in them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from '../../dist/common/pace.js';
import { PackedRows, type Row } from '../../dist/diff/packed-rows.js';

async function sorted(rows: readonly Row[]): Promise<Row[]> {
  const packed = new PackedRows('a.zip');
  for (const row of rows) packed.add(row);
  const result: Row[] = [];
  for await (const row of packed.sorted(new Pace())) result.push(row);
  return result;
}

test('20,000 rows come out by their UTF-8 bytes, equal names as they were added', async () => {
  let seed = 5;
  const draw = (limit: number): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return (seed >> 8) % limit;
  };
  const letters = ['a', 'b', '/', 'é', '\uffee', '\u{1f600}', '\u{10000}', '-'];
  const rows = Array.from({ length: 20_000 }, (_, index) => ({
    name: Array.from({ length: draw(9) }, () => letters[draw(letters.length)]).join(''),
    payload: Buffer.from(String(index)),
  }));
  const expected = rows
    .map(({ name, payload }) => ({ bytes: Buffer.from(name), index: Number(payload) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes) || a.index - b.index)
    .map(({ index }) => index);
  const result = await sorted(rows);
  assert.deepEqual(
    result.map(({ payload }) => Number(payload)),
    expected,
  );
  for (const { name, payload } of result) assert.equal(name, rows[Number(payload)]?.name);
});

test('the longest names and headers fit, and no rows at all', async () => {
  const rows = ['b', 'a'].map((letter) => ({
    name: letter.repeat(3 * 65_535),
    payload: Buffer.alloc(196_651, letter),
  }));
  const [first, second] = await sorted(rows);
  assert.deepEqual([first?.name, second?.name], [rows[1]?.name, rows[0]?.name]);
  assert.deepEqual([first?.payload, second?.payload], [rows[1]?.payload, rows[0]?.payload]);
  assert.deepEqual(await sorted([]), []);
});
