/**
 * The patterns of one ignore file, compiled once and matched on the way down.
 *
 * A walk meets a name knowing the directory it is in, so a pattern with slashes is not compared with whole paths: patterns are
 * a tree of their components, a walk stands at some of its nodes, and entering a directory goes on to those below that match
 * its name. What is asked for each entry is its bare name against the last components at these nodes, and against the patterns
 * without a slash. It also gives git's answer where a deeper file takes back what a higher one ignored: every path is judged by
 * itself, and an ignored directory is not entered.
 */
import { NameIndex } from './name-index.js';
import { ANY_DEPTH, foldCase, parseSegments, type Segment } from './wildmatch.js';

/**
 * Components of all the patterns in a set. Each takes some 500 bytes, and half a second is enough to compile them all, so that
 * a hostile file neither exhausts the memory nor makes an interrupt wait.
 */
export const MOST_COMPONENTS = 150_000;

/** The same for what the caller names, which is compiled in turns. */
export const MOST_CALLER_COMPONENTS = 500_000;

/** Where a walk stands in the patterns of a set. */
export interface Node {
  /** Reached through `**`, so that every directory leads back to it. */
  readonly isAnyDepth: boolean;
  /** Last components. */
  due?: DueNames;
  children?: Children;
  /** After `**`, which may stand for no directory. */
  anyDepth?: Node;
}

interface Children {
  /** Gives places in `nodes`. */
  readonly index: NameIndex;
  readonly nodes: Node[];
  /** Those for wildcards, by the text of these. */
  readonly wildcards: Map<string, Node>;
}

/** Patterns by the order of their lines. */
interface DueNames {
  names?: NameIndex;
  /** Those that end in a slash. */
  directories?: NameIndex;
}

const ANY_NAME: Segment = { text: '*', literal: undefined, chunks: ['', ''], minLength: 0 };

export class PatternSet {
  /** Names are to be given in lower case. */
  readonly ignoresCase: boolean;
  readonly #floating: DueNames = {};
  readonly #root: Node = { isAnyDepth: false };
  /** By the order of the lines, whether one takes back what others ignore. */
  readonly #negated: boolean[] = [];
  readonly #limit: number;
  #components = 0;

  /** @param limit components in all */
  constructor(ignoresCase: boolean, limit: number = MOST_COMPONENTS) {
    this.ignoresCase = ignoresCase;
    this.#limit = limit;
  }

  /** Of all patterns. */
  get components(): number {
    return this.#components;
  }

  /** Where a walk stands in the directory that the patterns start in. */
  get start(): readonly Node[] {
    return this.#root.children === undefined && this.#root.due === undefined && this.#root.anyDepth === undefined
      ? []
      : withAnyDepth(this.#root);
  }

  /**
   * @param line as it stands in the file, one byte per character, without the end of the line
   * @returns false for a line too many
   */
  add(line: string): boolean {
    if (line === '' || line.startsWith('#')) return true;
    const end = line.indexOf('\0');
    // To git it is a string of C.
    let body = withoutTrailingSpaces(end === -1 ? line : line.slice(0, end));
    const isNegated = body.startsWith('!');
    if (isNegated) body = body.slice(1);
    const isDirectoryOnly = body.endsWith('/');
    if (isDirectoryOnly) body = body.slice(0, -1);
    const isPath = body.includes('/');
    if (body.startsWith('/')) body = body.slice(1);
    const segments = parseSegments(body, isPath, this.ignoresCase);
    // One that matches nothing took its time as well.
    this.#components += segments?.length ?? 1;
    if (this.#components > this.#limit) return false;
    if (segments === undefined) return true;
    this.#place(segments, isPath, isDirectoryOnly);
    this.#negated.push(isNegated);
    return true;
  }

  #place(segments: readonly (Segment | typeof ANY_DEPTH)[], isPath: boolean, isDirectoryOnly: boolean): void {
    const order = this.#negated.length;
    const last = segments.at(-1) ?? ANY_DEPTH;
    let due: DueNames;
    // What `**/` alone stands before matches at any depth, as if it had no slash.
    if (last !== ANY_DEPTH && (!isPath || (segments.length === 2 && segments[0] === ANY_DEPTH))) due = this.#floating;
    else {
      let node = this.#root;
      for (const segment of segments.slice(0, -1)) node = childNode(node, segment);
      if (last === ANY_DEPTH) node = childNode(node, last);
      node.due ??= {};
      due = node.due;
    }
    const kind = isDirectoryOnly ? 'directories' : 'names';
    due[kind] ??= new NameIndex();
    due[kind].add(last === ANY_DEPTH ? ANY_NAME : last, order);
  }

  /**
   * What the last pattern that matches says of a name; undefined where none does.
   *
   * @param nodes where the walk stands in the directory that has the name
   * @param name as a byte string, in lower case if the set ignores case, without a slash at its end
   */
  judge(nodes: readonly Node[], name: string, isDirectory: boolean): 'ignored' | 'kept' | undefined {
    let order = lastOrder(this.#floating, name, isDirectory, -1);
    for (const { due } of nodes) if (due !== undefined) order = lastOrder(due, name, isDirectory, order);
    if (order === -1) return undefined;
    return this.#negated[order] === true ? 'kept' : 'ignored';
  }
}

/** Where the walk stands in a directory, from where it stands in the one around it; the same list where nothing changes. */
export function enterNodes(nodes: readonly Node[], directory: string): readonly Node[] {
  if (nodes.length === 0) return nodes;
  const reached = new Set<Node>();
  for (const node of nodes) {
    if (node.isAnyDepth) reached.add(node);
    if (node.children === undefined) continue;
    for (const id of node.children.index.all(directory)) {
      const child = node.children.nodes[id];
      if (child !== undefined) for (const next of withAnyDepth(child)) reached.add(next);
    }
  }
  return reached.size === nodes.length && nodes.every((node) => reached.has(node)) ? nodes : [...reached];
}

function lastOrder({ names, directories }: DueNames, name: string, isDirectory: boolean, floor: number): number {
  const order = names?.last(name, floor) ?? floor;
  return (isDirectory ? directories?.last(name, order) : undefined) ?? order;
}

function withAnyDepth(node: Node): Node[] {
  return node.anyDepth === undefined ? [node] : [node, node.anyDepth];
}

function childNode(node: Node, segment: Segment | typeof ANY_DEPTH): Node {
  if (segment === ANY_DEPTH) {
    node.anyDepth ??= { isAnyDepth: true };
    return node.anyDepth;
  }
  node.children ??= { index: new NameIndex(), nodes: [], wildcards: new Map() };
  const { index, nodes, wildcards } = node.children;
  const { literal, text } = segment;
  const known = literal === undefined ? wildcards.get(text) : nodes[index.literal(literal) ?? -1];
  if (known !== undefined) return known;
  const child: Node = { isAnyDepth: false };
  index.add(segment, nodes.length);
  nodes.push(child);
  if (literal === undefined) wildcards.set(text, child);
  return child;
}

/** Spaces at the end do not count, but for one that a backslash quotes. */
function withoutTrailingSpaces(line: string): string {
  if (!line.endsWith(' ')) return line;
  let end = line.length;
  while (line.charCodeAt(end - 1) === 0x20) end--;
  let backslashes = 0;
  while (line.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++;
  return line.slice(0, backslashes % 2 === 1 ? end + 1 : end);
}

/** A name as judge() wants it. */
export function nameFor(set: PatternSet, bytes: string): string {
  return set.ignoresCase ? foldCase(bytes) : bytes;
}
