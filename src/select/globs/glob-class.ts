/** Bracket expressions: `[abc]`, `[a-z]`, `[!a-z]`, `[^a-z]`, `[[:alpha:]_]`. */

export interface CharacterClass {
  readonly isNegated: boolean;
  /** Code points, both ends included. */
  readonly ranges: readonly (readonly [first: number, last: number])[];
}

export function isInClass(codePoint: number, { isNegated, ranges }: CharacterClass): boolean {
  for (const [first, last] of ranges) if (codePoint >= first && codePoint <= last) return !isNegated;
  return isNegated;
}

/** Parses the expression that begins at `start`; undefined if no `]` closes it, so that the `[` is literal. */
export function parseClass(
  text: string,
  start: number,
): { readonly class: CharacterClass; readonly end: number } | undefined {
  let at = start + 1;
  const isNegated = text[at] === '!' || text[at] === '^';
  if (isNegated) at++;
  const ranges: [number, number][] = [];
  const first = at;
  // Detects most unclosed brackets at once, so that a pattern of `[` is not parsed in quadratic time.
  if (!text.includes(']', first + 1)) return undefined;
  while (at < text.length) {
    // Directly after the bracket, `]` is a member of the class.
    if (text[at] === ']' && at > first) return { class: { isNegated, ranges }, end: at };
    const named =
      text[at] === '[' && text[at + 1] === ':' ? NAMED_CLASS.exec(text.slice(at, at + LONGEST_NAMED)) : null;
    if (named !== null) {
      ranges.push(...(NAMED.get(named[1] ?? '') ?? []));
      at += named[0].length;
      continue;
    }
    const from = characterAt(text, at);
    at = from.next;
    let to = from;
    if (text[at] === '-' && at + 1 < text.length && text[at + 1] !== ']') {
      to = characterAt(text, at + 1);
      at = to.next;
    }
    ranges.push([from.code, to.code]);
  }
  return undefined;
}

function characterAt(text: string, at: number): { readonly code: number; readonly next: number } {
  const start = text[at] === '\\' && at + 1 < text.length ? at + 1 : at;
  const code = text.codePointAt(start) ?? 0;
  return { code, next: start + (code > 0xffff ? 2 : 1) };
}

const NAMED_CLASS = /^\[:([a-z]+):\]/;
const LONGEST_NAMED = '[:xdigit:]'.length;

/** POSIX classes, ASCII only: further letters depend on the locale, and an archive must not. */
const NAMED = new Map<string, readonly [number, number][]>([
  [
    'alnum',
    [
      [0x30, 0x39],
      [0x41, 0x5a],
      [0x61, 0x7a],
    ],
  ],
  [
    'alpha',
    [
      [0x41, 0x5a],
      [0x61, 0x7a],
    ],
  ],
  [
    'blank',
    [
      [0x20, 0x20],
      [0x09, 0x09],
    ],
  ],
  [
    'cntrl',
    [
      [0x00, 0x1f],
      [0x7f, 0x7f],
    ],
  ],
  ['digit', [[0x30, 0x39]]],
  ['graph', [[0x21, 0x7e]]],
  ['lower', [[0x61, 0x7a]]],
  ['print', [[0x20, 0x7e]]],
  [
    'punct',
    [
      [0x21, 0x2f],
      [0x3a, 0x40],
      [0x5b, 0x60],
      [0x7b, 0x7e],
    ],
  ],
  [
    'space',
    [
      [0x09, 0x0d],
      [0x20, 0x20],
    ],
  ],
  ['upper', [[0x41, 0x5a]]],
  [
    'word',
    [
      [0x30, 0x39],
      [0x41, 0x5a],
      [0x5f, 0x5f],
      [0x61, 0x7a],
    ],
  ],
  [
    'xdigit',
    [
      [0x30, 0x39],
      [0x41, 0x46],
      [0x61, 0x66],
    ],
  ],
]);
