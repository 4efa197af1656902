/**
 * Reports entries that are rarely meant to be shared, by their names alone: version control, secrets, keys, earlier archives
 * beside the new one, and what file managers leave behind.
 *
 * A false alarm makes people ignore the true ones. So nothing is reported below a directory of installed packages, which
 * are public already, and no key below a directory of tests or documentation. A `.pem` file is a key unless its name says certificate.
 */
import { dirname, extname, sep } from 'node:path';
import type { Source } from '../../common/entry.js';
import { quote } from '../../common/errors.js';
import type { PzipWarning } from '../../common/warnings.js';
import type { SelectContext } from '../select-context.js';
import type { SelectOptions } from '../select-options.js';
import { patternsOf } from './name-patterns.js';

/** Names to report of each kind; further ones are only counted. */
const MAX_NAMED = 3;

type NameKind = 'repository' | 'secret' | 'key' | 'junk' | 'archive';

/** Passes the sources on, and reports them at the end. */
export function* reportPrivateNames(
  batches: Iterable<Source[]>,
  inputs: readonly string[],
  { allow, outputPath }: SelectOptions,
  context: SelectContext,
): Generator<Source[]> {
  const allowed = allow === undefined || allow.length === 0 ? undefined : patternsOf(allow);
  const isEarlierArchive = earlierArchives(inputs, outputPath);
  const isAllowed = (name: string): boolean => allowed?.matches(name) === true;
  const found = { private: new Names(), junk: new Names(), archives: new Names() };
  for (const batch of batches) {
    for (const source of batch) {
      const { name } = source;
      const kind = kindOfName(name) ?? (isEarlierArchive?.(source) ? 'archive' : undefined);
      if (kind === undefined || isAllowed(name)) continue;
      if (kind === 'repository') found.private.add(repositoryOf(name));
      else if (source.kind === 'directory') continue;
      else if (kind === 'junk') found.junk.add(name);
      else if (kind === 'archive') found.archives.add(name);
      else found.private.add(name);
    }
    yield batch;
  }
  report('PZIP_NAME_PRIVATE', 'warning', found.private, PRIVATE, context);
  report('PZIP_EARLIER_ARCHIVE', 'warning', found.archives, EARLIER, context);
  report('PZIP_NAME_JUNK', 'notice', found.junk, JUNK, context);
}

/** Each name once: a repository has a directory and files. */
class Names {
  readonly first: string[] = [];
  count = 0;
  #last = '';

  add(name: string): void {
    if (name === this.#last) return;
    this.#last = name;
    this.count++;
    if (this.first.length < MAX_NAMED) this.first.push(name);
  }
}

function report(
  code: PzipWarning['code'],
  severity: PzipWarning['severity'],
  { first, count }: Names,
  what: { readonly one: string; readonly many: string },
  context: SelectContext,
): void {
  if (count === 0) return;
  const names = `${first.map(quote).join(', ')}${count > first.length ? ', …' : ''}`;
  const isOne = count === 1;
  const message = isOne
    ? `${names} ${what.one}; exclude or \`allow\` it`
    : `${count} names ${what.many}: ${names}; exclude or \`allow\` them`;
  context.warn({ code, severity, message, path: isOne ? (first[0] ?? '') : '' });
}

const PRIVATE = { one: 'looks private', many: 'look private' };
const EARLIER = { one: 'looks like an earlier archive', many: 'look like earlier archives' };
const JUNK = { one: 'means nothing to other systems', many: 'mean nothing to other systems' };

const DOT = 0x2e;

/**
 * Looks at the first and the last character of the last component. Few names need more, so that it takes less than 50 ns.
 *
 * @param name a directory's ends in `/`
 */
export function kindOfName(name: string): NameKind | undefined {
  const start = name.lastIndexOf('/', name.length - 2) + 1;
  const kind = candidateOf(name, start);
  if (kind === undefined || kind === 'repository') return kind;
  if (PACKAGES.test(name)) return undefined;
  return kind === 'key' && TESTS.test(name) ? undefined : kind;
}

function candidateOf(name: string, start: number): NameKind | undefined {
  switch (name.charCodeAt(start)) {
    case DOT:
      return kindOfDotName(name.slice(start));
    case 0x48: // H
      return name.endsWith('.git/HEAD') && /(?:^|\/)\.git\/HEAD$/.test(name) ? 'repository' : undefined;
    case 0x54: // T
      return name.endsWith('Thumbs.db') ? 'junk' : undefined;
    case 0x5f: // _
      if (name.endsWith('_netrc')) return name.length - start === 6 ? 'secret' : undefined;
      break;
    case 0x63: // c
      if (name.endsWith('.aws/credentials')) return 'secret';
      break;
    case 0x64: // d
      if (name.endsWith('desktop.ini') && name.length - start === 11) return 'junk';
      break;
    case 0x69: // i
      if (name.startsWith('id_', start) && /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/.test(name.slice(start)))
        return 'key';
      break;
    default:
  }
  return kindOfExtension(name, start);
}

function kindOfExtension(name: string, start: number): NameKind | undefined {
  switch (name.charCodeAt(name.length - 1)) {
    case 0x6d: // m
      return name.endsWith('.pem') && !isCertificate(name, start) ? 'key' : undefined;
    case 0x79: // y
      return name.endsWith('.key') && !/pub/i.test(name.slice(start)) ? 'key' : undefined;
    case 0x32: // 2
      return name.endsWith('.p12') ? 'key' : undefined;
    case 0x78: // x
      return name.endsWith('.pfx') || name.endsWith('.kdbx') ? 'key' : undefined;
    case 0x6b: // k
      return name.endsWith('.ppk') ? 'key' : undefined;
    default:
      return undefined;
  }
}

function kindOfDotName(last: string): NameKind | undefined {
  if (REPOSITORIES.has(last)) return 'repository';
  if (SECRETS.has(last)) return 'secret';
  if (last === '.DS_Store') return 'junk';
  if (last.startsWith('.env') && !last.endsWith('/')) {
    return /^\.env(?:rc)?(?:\.|$)/.test(last) && !EXAMPLE.test(last) ? 'secret' : undefined;
  }
  return kindOfExtension(last, 0);
}

const REPOSITORIES: ReadonlySet<string> = new Set(['.git/', '.svn/', '.hg/']);

const SECRETS: ReadonlySet<string> = new Set([
  '.npmrc',
  '.pypirc',
  '.netrc',
  '.htpasswd',
  '.pgpass',
  '.git-credentials',
]);

/** What is committed so that others know what to set; `.env.vault` is encrypted. */
const EXAMPLE = /\.(?:example|sample|template|tmpl|dist|defaults?|schema|vault|ts|js|md)$/i;

/** Most `.pem` files are certificates, and of these most are named so: `cacert.pem`, `fullchain.pem`, `ca-bundle.pem`. */
function isCertificate(name: string, start: number): boolean {
  const last = name.slice(start);
  if (/^key|[-._]key[-._]|key\.pem$/i.test(last)) return false;
  return /cert|chain|bundle|^ca[-._]|[-._]ca[-._]|CA\.pem$|root|pub/i.test(last) || name.endsWith('certs/', start);
}

/** Directories of installed packages. */
const PACKAGES = /(?:^|\/)(?:node_modules|(?:site|dist)-packages|_?vendor)\//;

const TESTS = /(?:^|\/)(?:_{0,2}tests?_{0,2}|testdata|docs?|specs?|(?:_{2})?fixtures(?:_{2})?|examples?|mocks?)\//i;

/** The directory of version control, if the name is below it. */
function repositoryOf(name: string): string {
  return name.endsWith('/') ? name : name.slice(0, name.lastIndexOf('/') + 1);
}

/**
 * Files with the extension of the new archive in its directory, which a wide input such as `.` selects. An input with that
 * extension shows that archives are meant.
 */
function earlierArchives(
  inputs: readonly string[],
  outputPath: string | undefined,
): ((source: Source) => boolean) | undefined {
  const extension = outputPath === undefined ? '' : extname(outputPath);
  if (outputPath === undefined || extension === '') return undefined;
  if (inputs.some((input) => input.endsWith(extension))) return undefined;
  const directory = dirname(outputPath);
  const prefix = directory.endsWith(sep) ? directory : directory + sep;
  return ({ kind, name, path }) =>
    kind === 'file' && name.endsWith(extension) && path.startsWith(prefix) && path.indexOf(sep, prefix.length) === -1;
}
