/** Parses git's configuration files, see git-config(1). */

export interface ConfigEntry {
  /** `section.name` or `section.subsection.name`; only the subsection keeps its case. */
  readonly key: string;
  /** Undefined for a name without `=`, which is true. */
  readonly value: string | undefined;
}

export interface ParsedConfig {
  readonly entries: readonly ConfigEntry[];
  /** The number of the line, from 1, at which git would stop; the entries before it count. */
  readonly brokenLine: number | undefined;
}

export function parseConfig(text: string): ParsedConfig {
  return new ConfigReader(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')).read();
}

class ConfigReader {
  readonly #text: string;
  readonly #entries: ConfigEntry[] = [];
  #position = 0;
  #section = '';

  constructor(text: string) {
    this.#text = text;
  }

  read(): ParsedConfig {
    while (this.#position < this.#text.length) {
      const character = this.#text[this.#position] ?? '';
      let isSound = true;
      if (/\s/.test(character)) this.#position++;
      else if (character === '#' || character === ';') this.#skipLine();
      else isSound = character === '[' ? this.#readSection() : this.#readEntry();
      if (!isSound) {
        return { entries: this.#entries, brokenLine: this.#text.slice(0, this.#position).split('\n').length };
      }
    }
    return { entries: this.#entries, brokenLine: undefined };
  }

  #skipLine(): void {
    const end = this.#text.indexOf('\n', this.#position);
    this.#position = end === -1 ? this.#text.length : end;
  }

  /** The match of a sticky expression at the current position, which moves to its end. */
  #take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#position;
    const match = expression.exec(this.#text);
    if (match === null) return undefined;
    this.#position = expression.lastIndex;
    return match;
  }

  #readSection(): boolean {
    const match = this.#take(/\[([A-Za-z0-9.-]+)(?:[ \t]+"((?:[^"\\\n]|\\[^\n])*)")?\]/y);
    if (match === undefined) return false;
    const name = (match[1] ?? '').toLowerCase();
    this.#section = match[2] === undefined ? name : `${name}.${match[2].replace(/\\(.)/g, '$1')}`;
    return true;
  }

  #readEntry(): boolean {
    const name = this.#take(/([A-Za-z][A-Za-z0-9-]*)[ \t]*/y)?.[1];
    if (name === undefined || this.#section === '') return false;
    const key = `${this.#section}.${name.toLowerCase()}`;
    if (this.#position >= this.#text.length || this.#text[this.#position] === '\n') {
      this.#entries.push({ key, value: undefined });
      return true;
    }
    if (this.#take(/=/y) === undefined) return false;
    const value = this.#readValue();
    if (value !== undefined) this.#entries.push({ key, value });
    return value !== undefined;
  }

  /** The value up to the end of the line. Surrounding blanks and comments are part of it only if quoted. */
  #readValue(): string | undefined {
    let value = '';
    let blanks = '';
    let isQuoted = false;
    while (this.#position < this.#text.length) {
      const character = this.#text[this.#position++] ?? '';
      if (character === '\n') return isQuoted ? undefined : value;
      if (!isQuoted && /\s/.test(character)) {
        if (value !== '') blanks += character;
        continue;
      }
      if (!isQuoted && (character === '#' || character === ';')) {
        this.#skipLine();
        return value;
      }
      if (character === '"') isQuoted = !isQuoted;
      else {
        const plain = character === '\\' ? this.#readEscape() : character;
        if (plain === undefined) return undefined;
        value += blanks + plain;
        blanks = '';
      }
    }
    return isQuoted ? undefined : value;
  }

  #readEscape(): string | undefined {
    return ESCAPES.get(this.#text[this.#position++] ?? '\n');
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', ''],
  ['t', '\t'],
  ['b', '\b'],
  ['n', '\n'],
  ['\\', '\\'],
  ['"', '"'],
]);

/** A boolean in git's spellings; undefined for anything else. */
export function parseBoolean(value: string | undefined): boolean | undefined {
  if (value === undefined || /^(?:true|yes|on)$/i.test(value)) return true;
  if (/^(?:false|no|off|)$/i.test(value)) return false;
  return /^[+-]?\d+[kmg]?$/i.test(value) ? Number.parseInt(value, 10) !== 0 : undefined;
}
