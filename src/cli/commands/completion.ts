/**
 * What lets a shell complete pzip's options, their values and file names, written from the table of options. The scripts
 * ask no program when a key is pressed, so there is nothing to wait for.
 */
import { ALL_OPTIONS, type OptionSpec } from '../options-table.js';
import type { SubcommandOption } from '../subcommand.js';
import { SUBCOMMANDS } from '../subcommands.js';

export type Shell = 'bash' | 'zsh' | 'fish';

export function completionScript(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bash();
    case 'zsh':
      return zsh();
    case 'fish':
      return fish();
  }
}

interface Flag {
  /** `-x`, undefined for none. */
  readonly short: string | undefined;
  /** `--exclude`, undefined for none. */
  readonly long: string | undefined;
  /** What stands for the value, undefined for an option that takes none. */
  readonly value: string | undefined;
  readonly spec: CompletedOption;
}

/** What completion needs to know of an option, of whichever command. */
type CompletedOption = SubcommandOption & Pick<OptionSpec, 'completes'>;

function flags(): Flag[] {
  return ALL_OPTIONS.flatMap((spec) => {
    if (!spec.isLevel) return [toFlag(spec)];
    return Array.from({ length: 10 }, (_, level) => {
      return { short: `-${level}`, long: undefined, value: undefined, spec: { ...spec, about: `level ${level}` } };
    });
  });
}

function toFlag(spec: CompletedOption): Flag {
  const short = /(?:^|\s)(-\w)(?:,|\s|$)/.exec(spec.flags)?.[1];
  const long = /--[\w-]+/.exec(spec.flags)?.[0];
  const value = /<(.+)>/.exec(spec.flags)?.[1];
  return { short, long, value, spec };
}

const NAMES = ['completion', ...SUBCOMMANDS.map(({ name }) => name)];

function words({ short, long }: Flag): string[] {
  return [short, long].filter((word) => word !== undefined);
}

/** Runs in bash 3.2 as well, which macOS has. */
function bash(): string {
  const all = flags();
  const subcommands = SUBCOMMANDS.map(({ name, options }) => {
    const own = options.map(toFlag);
    const values = own.filter(({ value }) => value !== undefined).map((flag) => `      ${bashCase(flag)}`);
    const choose = values.length === 0 ? '' : `      case $prev in\n${values.join('\n')}\n      esac\n`;
    return `    ${name})\n${choose}      ${bashWords(own.flatMap(words))}; return ;;`;
  });
  const cases = all.filter(({ value }) => value !== undefined).map((flag) => `    ${bashCase(flag)}`);
  return `# Completion of pzip for bash. In ~/.bashrc: source <(pzip completion bash)
_pzip() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} IFS=$'\\n'
  COMPREPLY=()
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if (( COMP_CWORD > 1 )); then case \${COMP_WORDS[1]} in
${subcommands.join('\n')}
    completion) COMPREPLY=($(compgen -W $'bash\\nzsh\\nfish' -- "$cur")); return ;;
  esac; fi
  case $prev in
${cases.join('\n')}
  esac
  ${bashWords(all.flatMap(words))}
  if [[ $COMP_CWORD == 1 && $cur != -* ]]; then
    COMPREPLY+=($(compgen -W $'${NAMES.join('\\n')}' -- "$cur"))
  fi
}
complete -F _pzip pzip
`;
}

/** Options where the word begins with a hyphen, else names of files. */
function bashWords(all: readonly string[]): string {
  const files = 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))';
  return `if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W $'${all.join('\\n')}' -- "$cur")); else ${files}; fi`;
}

function bashCase(flag: Flag): string {
  return `${words(flag).join('|')}) ${bashValue(flag.spec)}; return ;;`;
}

function bashValue({ choices, completes }: CompletedOption): string {
  if (choices) return `COMPREPLY=($(compgen -W $'${choices.join('\\n')}' -- "$cur"))`;
  if (completes === undefined) return ':';
  const kind = completes === 'file' ? '-f' : '-d';
  return `compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen ${kind} -- "$cur"))`;
}

function zsh(): string {
  const specs = flags().map((flag) => `    ${zshSpec(flag)} \\`);
  const subcommands = SUBCOMMANDS.map(({ name, options }) => {
    const own = options.map((option) => zshSpec(toFlag(option))).join(' ');
    return `    ${name}) shift words; (( CURRENT-- )); _arguments -s -S ${own} '*:archive:_files'; return ;;`;
  });
  return `#compdef pzip
# Completion of pzip for zsh. In a file _pzip of a folder of $fpath, or in ~/.zshrc: source <(pzip completion zsh)
_pzip() {
  (( CURRENT > 2 )) && case $words[2] in
${subcommands.join('\n')}
    completion) _values shell bash zsh fish; return ;;
  esac
  _arguments -s -S \\
${specs.join('\n')}
    '1:archive:{ _files; compadd ${NAMES.join(' ')} }' \\
    '*:input:_files'
}
if [[ $funcstack[1] == _pzip ]]; then _pzip "$@"; else compdef _pzip pzip; fi
`;
}

function zshSpec(flag: Flag): string {
  const { value, spec } = flag;
  const all = words(flag);
  const names = all.map((word) => `${word}${value === undefined ? '' : word.startsWith('--') ? '=' : '+'}`);
  const about = `[${spec.about.replace(/[[\]\\]/g, '\\$&')}]`;
  const action = value === undefined ? '' : `:${value.replaceAll(':', '\\:')}:${zshValue(spec)}`;
  const described = quoteForShell(`${about}${action}`);
  const head = spec.repeats ? quoteForShell('*') : all.length > 1 ? quoteForShell(`(${all.join(' ')})`) : '';
  return `${head}${names.length > 1 ? `{${names.join(',')}}` : names[0]}${described}`;
}

function zshValue({ choices, completes }: CompletedOption): string {
  if (choices) return `(${choices.join(' ')})`;
  if (completes === undefined) return ' ';
  return completes === 'file' ? '_files' : '_files -/';
}

function fish(): string {
  const any = NAMES.join(' ');
  const names = NAMES.map((name) => {
    const about = SUBCOMMANDS.find((command) => command.name === name)?.summary ?? 'print a completion script';
    return `complete -c pzip -n __fish_use_subcommand -a ${name} -d ${quoteForFish(about)}`;
  });
  const lines = [
    ...names,
    ...flags().map((flag) => fishLine(`not __fish_seen_subcommand_from ${any}`, flag)),
    ...SUBCOMMANDS.flatMap(({ name, options }) =>
      options.map((option) => fishLine(`__fish_seen_subcommand_from ${name}`, toFlag(option))),
    ),
  ];
  return `# Completion of pzip for fish. In ~/.config/fish/completions/pzip.fish
${lines.join('\n')}
`;
}

function fishLine(condition: string, { short, long, value, spec }: Flag): string {
  const names = [short && `-s ${short.slice(1)}`, long && `-l ${long.slice(2)}`].filter(Boolean).join(' ');
  const takes = value === undefined ? '' : fishValue(spec);
  return `complete -c pzip -n '${condition}' ${names}${takes} -d ${quoteForFish(spec.about)}`;
}

function fishValue({ choices, completes }: CompletedOption): string {
  if (choices) return ` -x -a '${choices.join(' ')}'`;
  if (completes === 'file') return ' -r -F';
  return completes === 'directory' ? " -x -a '(__fish_complete_directories)'" : ' -x';
}

function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function quoteForFish(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
