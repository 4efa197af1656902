/**
 * The patterns of one ignore file, compiled once and matched on the way down.
 *
 * A walk knows the directory of each name, so patterns with slashes are not compared with whole paths. The patterns form a tree
 * of components. A walk is at some of its nodes, and entering a directory moves to their children that match its name. Each
 * entry's name is compared only with the last components at these nodes and with the patterns without a slash. That also
 * gives git's result if a deeper file negates a pattern of a higher one: each path is decided separately, and an ignored
 * directory is not entered.
 */
import { NameIndex } from './name-index.js';
import { ANY_DEPTH, foldCase, parseSegments, type Segment } from './wildmatch.js';

/**
 * Limit of components in a set. Each takes some 500 bytes, and all are compiled in half a second, so a hostile file neither
 * exhausts the memory nor delays an interrupt.
 */
export const MOST_COMPONENTS = 150_000;

/** The same for the caller's files, whose compilation yields to the event loop. */
export const MOST_CALLER_COMPONENTS = 500_000;

/** A node in the tree of a set's patterns. */
export interface Node {
  /** After `**`, so every directory leads back to it. */
  readonly isAnyDepth: boolean;
  /** Last components. */
  due?: DueNames;
  children?: Children;
  /** After a `**`, which also matches no directory. */
  anyDepth?: Node;
}

interface Children {
  /** Contains indices of `nodes`. */
  readonly index: NameIndex;
  readonly nodes: Node[];
  /** Children for wildcards, by the text of these. */
  readonly wildcards: Map<string, Node>;
}

/** Patterns by the order of their lines. */
interface DueNames {
  names?: NameIndex;
  /** Patterns that end in a slash. */
  directories?: NameIndex;
}

const ANY_NAME: Segment = { text: '*', literal: undefined, chunks: ['', ''], minLength: 0 };

export class PatternSet {
  /** Whether names must be passed in lower case. */
  readonly ignoresCase: boolean;
  readonly #floating: DueNames = {};
  readonly #root: Node = { isAnyDepth: false };
  /** By line, whether the pattern is negated. */
  readonly #negated: boolean[] = [];
  readonly #limit: number;
  #components = 0;

  /** @param limit of components */
  constructor(ignoresCase: boolean, limit: number = MOST_COMPONENTS) {
    this.ignoresCase = ignoresCase;
    this.#limit = limit;
  }

  /** Of all patterns. */
  get components(): number {
    return this.#components;
  }

  /** The position of a walk in the directory where the patterns start. */
  get start(): readonly Node[] {
    return this.#root.children === undefined && this.#root.due === undefined && this.#root.anyDepth === undefined
      ? []
      : withAnyDepth(this.#root);
  }

  /**
   * @param line from the file, one byte per character, without the line ending
   * @returns false if the limit is exceeded
   */
  add(line: string): boolean {
    if (line === '' || line.startsWith('#')) return true;
    const end = line.indexOf('\0');
    // Git treats the line as a C string.
    let body = withoutTrailingSpaces(end === -1 ? line : line.slice(0, end));
    const isNegated = body.startsWith('!');
    if (isNegated) body = body.slice(1);
    const isDirectoryOnly = body.endsWith('/');
    if (isDirectoryOnly) body = body.slice(0, -1);
    const isPath = body.includes('/');
    if (body.startsWith('/')) body = body.slice(1);
    const segments = parseSegments(body, isPath, this.ignoresCase);
    // A pattern that matches nothing counts too, because it took time.
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
    // A pattern with only `**/` before it matches at any depth, like one without a slash.
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
   * The verdict of the last pattern that matches a name; undefined if none does.
   *
   * @param nodes the position of the walk in the name's directory
   * @param name as a byte string, in lower case if the set ignores case, without a slash at its end
   */
  judge(nodes: readonly Node[], name: string, isDirectory: boolean): 'ignored' | 'kept' | undefined {
    let order = lastOrder(this.#floating, name, isDirectory, -1);
    for (const { due } of nodes) if (due !== undefined) order = lastOrder(due, name, isDirectory, order);
    if (order === -1) return undefined;
    return this.#negated[order] === true ? 'kept' : 'ignored';
  }
}

/** The position in a subdirectory, from that in its parent; the same list if it does not change. */
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

/** Removes trailing spaces, except one that is quoted by a backslash. */
function withoutTrailingSpaces(line: string): string {
  if (!line.endsWith(' ')) return line;
  let end = line.length;
  while (line.charCodeAt(end - 1) === 0x20) end--;
  let backslashes = 0;
  while (line.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++;
  return line.slice(0, backslashes % 2 === 1 ? end + 1 : end);
}

/** Converts a name for judge(). */
export function nameFor(set: PatternSet, bytes: string): string {
  return set.ignoresCase ? foldCase(bytes) : bytes;
}
