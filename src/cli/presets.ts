/**
 * What `--preset` stands for: options of the command that a platform's documented rules ask for. Options that the user gives
 * come after them, and so replace those that take one value.
 */

export interface Preset {
  /** Arguments of the command. */
  readonly options: readonly string[];
  /** What else the platform's documentation says, in one line. */
  readonly note: string;
}

/** Bytes of 250 MiB, of which AWS speaks as 250 MB: its error message has the number 262144000. */
export const PRESETS: ReadonlyMap<string, Preset> = new Map([
  [
    'lambda',
    {
      // docs.aws.amazon.com/lambda: "Lambda quotas", "Deploying .NET/Node.js/Python functions with .zip file archives".
      options: ['--modes', 'a+rX', '--max-size', '50M', '--max-unpacked', '250M'],
      note: '50M is the limit of a direct upload, so pass --max-size 250M if the archive goes through S3; layers count towards 250M',
    },
  ],
  [
    'vsix',
    {
      // learn.microsoft.com/visualstudio: "Anatomy of a VSIX package"; ECMA-376-2 (OPC), annex on ZIP.
      options: [
        ...['--no-dir-entries', '--symlinks', 'error', '--portable-names', 'error'],
        ...['--require', 'extension.vsixmanifest', '--require', '[Content_Types].xml'],
      ],
      note: 'names of files must not contain spaces',
    },
  ],
  [
    'webext',
    {
      // extensionworkshop.com: "Package your extension", "Submitting an add-on".
      options: [
        ...['--no-dir-entries', '--symlinks', 'error', '--portable-names', 'error'],
        ...['--require', 'manifest.json', '--max-size', '200M'],
      ],
      note: '200M is the limit of addons.mozilla.org; pack the files themselves, not their directory (-C DIR)',
    },
  ],
  [
    'epub',
    {
      // w3.org/TR/epub-33: 4.2.3 (file names), 4.3.2 (ZIP containers), 4.3.3 (mimetype).
      options: [
        ...['--first', '/mimetype', '--level-for', '/mimetype=0', '--no-dir-entries', '--symlinks', 'error'],
        ...['--portable-names', 'error', '--require', 'mimetype', '--require', 'META-INF/container.xml'],
      ],
      note: 'pack the files themselves, not their directory (-C DIR)',
    },
  ],
]);

export function presetLine(name: string): string {
  const { options = [], note = '' } = PRESETS.get(name) ?? {};
  return `preset ${name}: ${options.join(' ')} (${note})`;
}

/** For the help. */
export function presetDetails(): string {
  return [...PRESETS].map(([name, { options }]) => `${name}: ${options.join(' ')}.`).join(' ');
}
