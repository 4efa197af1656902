import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DosDateTime, toDosDateTime } from '../../dist/zip/dates.js';

const EARLIEST = '1980-01-01 00:00:00';
const LATEST = '2107-12-31 23:59:58';

for (const [instant, shown] of [
  ['2021-02-03T04:05:06Z', '2021-02-03 04:05:06'],
  ['2021-02-03T04:05:07Z', '2021-02-03 04:05:06'],
  ['2021-02-03T04:05:07.999Z', '2021-02-03 04:05:06'],
  ['2000-02-29T23:59:59Z', '2000-02-29 23:59:58'],
  ['1999-12-31T12:00:00Z', '1999-12-31 12:00:00'],
  ['1980-01-01T00:00:00Z', EARLIEST],
  ['1980-01-01T00:00:02Z', '1980-01-01 00:00:02'],
  ['1979-12-31T23:59:59.999Z', EARLIEST],
  ['1970-01-01T00:00:00Z', EARLIEST],
  ['1969-12-31T23:59:59Z', EARLIEST],
  ['2107-12-31T23:59:58Z', LATEST],
  ['2107-12-31T23:59:59.999Z', LATEST],
  ['2108-01-01T00:00:00Z', LATEST],
  ['+010000-01-01T00:00:00Z', LATEST],
] as const) {
  test(`${instant} is ${shown} in UTC`, () => {
    assert.equal(show(toDosDateTime(Date.parse(instant), 'utc')), shown);
  });
}

test('the fields are packed as MS-DOS packs them', () => {
  assert.deepEqual(toDosDateTime(Date.parse('2021-02-03T04:05:06Z'), 'utc'), { date: 0x5243, time: 0x20a3 });
  assert.deepEqual(toDosDateTime(0, 'utc'), { date: 0x0021, time: 0 });
  assert.deepEqual(toDosDateTime(8.64e15, 'utc'), { date: 0xff9f, time: 0xbf7d });
});

test('dates out of range are clamped, and NaN is rejected', () => {
  for (const zone of ['utc', 'local'] as const) {
    for (const ms of [-1e300, Number.NEGATIVE_INFINITY]) assert.equal(show(toDosDateTime(ms, zone)), EARLIEST);
    for (const ms of [1e300, Number.POSITIVE_INFINITY]) assert.equal(show(toDosDateTime(ms, zone)), LATEST);
    assert.throws(() => toDosDateTime(Number.NaN, zone), RangeError);
  }
});

test('an answer does not depend on what was asked before', () => {
  const first = show(toDosDateTime(Date.parse('2021-02-03T04:05:06Z'), 'utc'));
  toDosDateTime(Date.parse('2022-03-04T05:06:08Z'), 'utc');
  assert.throws(() => toDosDateTime(Number.NaN, 'utc'));
  assert.equal(show(toDosDateTime(Date.parse('2022-03-04T05:06:08Z'), 'utc')), '2022-03-04 05:06:08');
  assert.equal(show(toDosDateTime(Date.parse('2021-02-03T04:05:06Z'), 'utc')), first);
});

test('every instant in range comes back to within its two seconds, and later ones never come earlier', () => {
  const instant = fc.integer({ min: Date.parse('1980-01-01T00:00Z'), max: Date.parse('2107-12-31T23:59:59.999Z') });
  fc.assert(
    fc.property(instant, fc.nat(1e10), (milliseconds, later) => {
      const shown = toDosDateTime(milliseconds, 'utc');
      assert.equal(Date.parse(`${show(shown)}Z`), Math.floor(milliseconds / 2000) * 2000);
      const next = toDosDateTime(milliseconds + later, 'utc');
      assert.ok(next.date * 0x1_0000 + next.time >= shown.date * 0x1_0000 + shown.time);
    }),
  );
});

// Instants at which some zone is about to change its clock, has just done so, or is in another year than Greenwich.
const INSTANTS = [
  '1979-12-31T12:00:00Z',
  '1980-01-01T00:00:00Z',
  '1980-01-01T12:00:00Z',
  '1985-10-26T08:15:00Z',
  '2011-12-30T09:59:58Z', // Samoa leaves out 2011-12-30
  '2011-12-30T10:00:00Z',
  '2021-01-01T02:00:00Z',
  '2021-03-14T06:59:58Z', // New York, 01:59:58, then 03:00
  '2021-03-14T07:00:00Z',
  '2021-03-28T00:59:58Z', // Berlin, 01:59:58, then 03:00
  '2021-03-28T01:00:00Z',
  '2021-04-03T15:00:00Z', // Lord Howe goes back by half an hour
  '2021-07-01T12:34:57Z',
  '2021-10-31T00:30:00Z', // Berlin, 02:30, and once more an hour later
  '2021-10-31T01:30:00Z',
  '2021-11-07T05:30:00Z',
  '2021-11-07T06:30:00Z',
  '2107-12-31T12:00:00Z',
  '2107-12-31T23:59:59Z',
  '2108-01-01T05:00:00Z',
].map((instant) => Date.parse(instant));

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
];

for (const timeZone of ZONES) {
  const inZone = inTimeZone(timeZone);

  test(`in ${timeZone}, the local form is what a clock on the wall shows`, () => {
    assert.deepEqual(
      inZone.local.map(show),
      INSTANTS.map((instant) => clamp(wallClock(instant, timeZone))),
    );
  });

  test(`in ${timeZone}, the UTC form is the same as anywhere`, () => {
    assert.deepEqual(
      inZone.utc,
      INSTANTS.map((instant) => toDosDateTime(instant, 'utc')),
    );
  });
}

test('local forms checked by hand', () => {
  const at = (timeZone: string, instant: string) =>
    show(inTimeZone(timeZone).local[INSTANTS.indexOf(Date.parse(instant))] ?? { date: 0, time: 0 });
  assert.equal(at('Pacific/Pago_Pago', '1980-01-01T00:00:00Z'), EARLIEST); // 1979-12-31 13:00 there
  assert.equal(at('Pacific/Kiritimati', '2107-12-31T12:00:00Z'), LATEST); // 2108 there
  assert.equal(at('America/New_York', '2021-01-01T02:00:00Z'), '2020-12-31 21:00:00');
  assert.equal(at('Europe/Berlin', '2021-03-28T01:00:00Z'), '2021-03-28 03:00:00');
  assert.equal(at('Europe/Berlin', '2021-10-31T01:30:00Z'), '2021-10-31 02:30:00');
  assert.equal(at('Asia/Kolkata', '2021-07-01T12:34:57Z'), '2021-07-01 18:04:56');
});

/** The instants as a process in that time zone converts them. */
function inTimeZone(timeZone: string): Record<'local' | 'utc', DosDateTime[]> {
  const program = `
    import { toDosDateTime } from ${JSON.stringify(new URL('../../dist/zip/dates.js', import.meta.url))};
    const [local, utc] = [[], []];
    for (const instant of ${JSON.stringify(INSTANTS)}) { // one zone right after the other: neither gets the other's answer
      local.push(toDosDateTime(instant, 'local'));
      utc.push(toDosDateTime(instant, 'utc'));
    }
    console.log(JSON.stringify({ local, utc }));
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, TZ: timeZone },
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

/** An opinion that does not come from the getters of Date. */
function wallClock(instant: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(Math.floor(instant / 2000) * 2000);
  const part = (type: string) => parts.find((part) => part.type === type)?.value;
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')}`;
}

function clamp(shown: string): string {
  if (shown < EARLIEST) return EARLIEST;
  return shown > LATEST ? LATEST : shown;
}

/** The two fields as a reader of MS-DOS takes them apart (4.4.6). */
function show({ date, time }: DosDateTime): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${1980 + (date >>> 9)}-${two((date >>> 5) & 0xf)}-${two(date & 0x1f)}`;
  return `${day} ${two(time >>> 11)}:${two((time >>> 5) & 0x3f)}:${two((time & 0x1f) * 2)}`;
}
