/**
 * Matches one segment of a pattern against a name: `*`, `?`, `[…]` and the extended forms `?(…)`, `*(…)`, `+(…)`, `@(…)` and
 * `!(…)`, as in bash. There is no exponential backtracking: the time is polynomial in the lengths of pattern and name.
 */
import { type CharacterClass, isInClass, parseClass } from './glob-class.js';

/** One step of a pattern. */
type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'class'; readonly class: CharacterClass }
  | { readonly kind: 'group'; readonly sign: Sign; readonly alternatives: readonly Tokens[] };

type Tokens = readonly Token[];
type Sign = '?' | '*' | '+' | '@' | '!';

export interface Segment {
  /** The only name that it matches; undefined if it has a wildcard. */
  readonly literal: string | undefined;
  readonly matches: (name: string) => boolean;
}

/** Limit of nested groups. Each level is a call for each position in the name. */
export const MAX_GROUP_DEPTH = 8;

/**
 * @param text without a slash
 * @param matchesDots whether wildcards match a dot at the beginning of a name
 * @returns undefined for groups nested too deep
 */
export function compileSegment(text: string, matchesDots: boolean): Segment | undefined {
  const tokens = parseTokens(text, 0);
  if (tokens === undefined) return undefined;
  const literal = literalOf(tokens);
  if (literal !== undefined) return { literal, matches: (name) => name === literal };
  if (tokens.some(({ kind }) => kind === 'group')) {
    return { literal, matches: (name) => new GroupMatch(name, matchesDots).isWhole(tokens) };
  }
  const startsWithWildcard = tokens[0]?.kind !== 'text';
  return {
    literal,
    matches: (name) => {
      if (startsWithWildcard && !matchesDots && name.charCodeAt(0) === DOT) return false;
      return matchesPlain(tokens, name);
    },
  };
}

const DOT = 0x2e;

function literalOf(tokens: Tokens): string | undefined {
  const [first] = tokens;
  if (first === undefined) return '';
  return tokens.length === 1 && first.kind === 'text' ? first.text : undefined;
}

function parseTokens(text: string, depth: number): Tokens | undefined {
  if (depth > MAX_GROUP_DEPTH) return undefined;
  const tokens: Token[] = [];
  let literal = '';
  const push = (token: Token): void => {
    if (literal !== '') tokens.push({ kind: 'text', text: literal });
    literal = '';
    // Consecutive stars are equivalent to one.
    if (token.kind !== 'star' || tokens.at(-1)?.kind !== 'star') tokens.push(token);
  };
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? '';
    if (isSign(character) && text[index + 1] === '(') {
      const group = groupAt(text, index);
      if (group !== undefined) {
        const alternatives: Tokens[] = [];
        for (const alternative of group.alternatives) {
          const parsed = parseTokens(alternative, depth + 1);
          if (parsed === undefined) return undefined;
          alternatives.push(parsed);
        }
        push({ kind: 'group', sign: character, alternatives });
        index = group.end;
        continue;
      }
    }
    if (character === '*') push({ kind: 'star' });
    else if (character === '?') push({ kind: 'any' });
    else if (character === '[') {
      const parsed = parseClass(text, index);
      if (parsed === undefined) literal += character;
      else {
        push({ kind: 'class', class: parsed.class });
        index = parsed.end;
      }
    } else if (character === '\\' && index + 1 < text.length) literal += text[++index];
    else literal += character;
  }
  if (literal !== '') tokens.push({ kind: 'text', text: literal });
  return tokens;
}

function isSign(character: string): character is Sign {
  return character === '?' || character === '*' || character === '+' || character === '@' || character === '!';
}

/** The alternatives of the group whose operator is at `start`, and the end of the group; undefined if it is not closed. */
export function groupAt(
  text: string,
  start: number,
): { readonly alternatives: string[]; readonly end: number } | undefined {
  const alternatives: string[] = [];
  let depth = 0;
  let from = start + 2;
  for (let index = start + 1; index < text.length; index++) {
    const character = text[index];
    if (character === '\\') index++;
    else if (character === '[') index = parseClass(text, index)?.end ?? index;
    else if (character === '(') depth++;
    else if (character === '|' && depth === 1) {
      alternatives.push(text.slice(from, index));
      from = index + 1;
    } else if (character === ')' && --depth === 0) {
      alternatives.push(text.slice(from, index));
      return { alternatives, end: index };
    }
  }
  return undefined;
}

/** Without groups: after a mismatch only the last star takes one more character, so the time is at most tokens × characters. */
function matchesPlain(tokens: Tokens, name: string): boolean {
  let token = 0;
  let at = 0;
  let starToken = -1;
  let starAt = 0;
  for (;;) {
    const current = tokens[token];
    if (current === undefined && at === name.length) return true;
    if (current?.kind === 'star') {
      starToken = token++;
      starAt = at;
      // The last token: it matches the rest.
      if (token === tokens.length) return true;
      continue;
    }
    const next = current === undefined ? -1 : consume(current, name, at);
    if (next >= 0) {
      at = next;
      token++;
      continue;
    }
    if (starToken < 0 || starAt >= name.length) return false;
    starAt += lengthAt(name, starAt);
    at = starAt;
    token = starToken + 1;
  }
}

/** The end of a token's match at `at`; -1 if it does not match. */
function consume(token: Token, name: string, at: number): number {
  switch (token.kind) {
    case 'text':
      return name.startsWith(token.text, at) ? at + token.text.length : -1;
    case 'any':
      return at < name.length ? at + lengthAt(name, at) : -1;
    case 'class':
      return at < name.length && isInClass(name.codePointAt(at) ?? 0, token.class) ? at + lengthAt(name, at) : -1;
    default:
      return -1;
  }
}

/** UTF-16 units of the character at `at`. */
function lengthAt(name: string, at: number): number {
  return (name.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** The set of positions in the name that a match can reach: one flag for each position between characters. */
type Places = Uint8Array;

/** Follows all possible matches at once: each token maps a set of positions to the next, and results of groups are cached. */
class GroupMatch {
  readonly #name: string;
  readonly #isDotGuarded: boolean;
  readonly #ends = new Map<Tokens, (readonly number[] | undefined)[]>();

  constructor(name: string, matchesDots: boolean) {
    this.#name = name;
    this.#isDotGuarded = !matchesDots && name.charCodeAt(0) === DOT;
  }

  isWhole(tokens: Tokens): boolean {
    return this.#endsOf(tokens, 0).includes(this.#name.length);
  }

  #endsOf(tokens: Tokens, start: number): readonly number[] {
    const known = this.#ends.get(tokens) ?? [];
    this.#ends.set(tokens, known);
    const found = known[start];
    if (found !== undefined) return found;
    let places = this.#noPlaces();
    places[start] = 1;
    for (const token of tokens) places = this.#advance(token, places);
    const ends = placesOf(places);
    known[start] = ends;
    return ends;
  }

  #advance(token: Token, from: Places): Places {
    if (token.kind === 'group') return this.#advanceGroup(token.sign, token.alternatives, from);
    const to = this.#noPlaces();
    let isUnderStar = false;
    for (let at = 0; at <= this.#name.length; at++) {
      if (token.kind === 'star') {
        if (from[at] === 1) to[at] = 1;
        if (isUnderStar) to[at] = 1;
        if (from[at] === 1 && !(at === 0 && this.#isDotGuarded)) isUnderStar = true;
      } else if (from[at] === 1 && !(at === 0 && this.#isDotGuarded && token.kind !== 'text')) {
        const next = consume(token, this.#name, at);
        if (next >= 0) to[next] = 1;
      }
    }
    return to;
  }

  #advanceGroup(sign: Sign, alternatives: readonly Tokens[], from: Places): Places {
    if (sign === '!') return this.#advanceNegated(alternatives, from);
    const once = this.#advanceAny(alternatives, from);
    if (sign === '@') return once;
    if (sign === '?') return union(once, from);
    const reached = sign === '*' ? union(once, from) : once;
    const waiting = placesOf(once);
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      for (const alternative of alternatives) {
        for (const end of this.#endsOf(alternative, at)) {
          if (reached[end] === 1) continue;
          reached[end] = 1;
          waiting.push(end);
        }
      }
    }
    return reached;
  }

  #advanceAny(alternatives: readonly Tokens[], from: Places): Places {
    const to = this.#noPlaces();
    for (const at of placesOf(from)) {
      for (const alternative of alternatives) {
        for (const end of this.#endsOf(alternative, at)) to[end] = 1;
      }
    }
    return to;
  }

  /** Matches every text that no alternative matches, including the empty one. */
  #advanceNegated(alternatives: readonly Tokens[], from: Places): Places {
    const to = this.#noPlaces();
    for (const at of placesOf(from)) {
      const excluded = this.#noPlaces();
      for (const alternative of alternatives) {
        for (const end of this.#endsOf(alternative, at)) excluded[end] = 1;
      }
      const last = at === 0 && this.#isDotGuarded ? at : this.#name.length;
      for (let end = at; end <= last; end++) if (excluded[end] !== 1) to[end] = 1;
    }
    return to;
  }

  #noPlaces(): Places {
    return new Uint8Array(this.#name.length + 1);
  }
}

function placesOf(places: Places): number[] {
  const found: number[] = [];
  for (let at = places.indexOf(1); at !== -1; at = places.indexOf(1, at + 1)) found.push(at);
  return found;
}

function union(a: Places, b: Places): Places {
  return a.map((place, at) => place | (b[at] ?? 0));
}
