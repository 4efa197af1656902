/**
 * What lets a shell complete pzip's options, their values and file names, written from the table of options. The scripts
 * ask no program when a key is pressed, so there is nothing to wait for.
 */
import { ALL_OPTIONS, type OptionSpec } from '../options-table.js';

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
  readonly spec: OptionSpec;
}

function flags(): Flag[] {
  return ALL_OPTIONS.flatMap((spec) => {
    if (spec.isLevel) {
      return Array.from({ length: 10 }, (_, level) => {
        return { short: `-${level}`, long: undefined, value: undefined, spec: { ...spec, about: `level ${level}` } };
      });
    }
    const short = /(?:^|\s)(-\w)(?:,|\s|$)/.exec(spec.flags)?.[1];
    const long = /--[\w-]+/.exec(spec.flags)?.[0];
    const value = /<(.+)>/.exec(spec.flags)?.[1];
    return [{ short, long, value, spec }];
  });
}

function words({ short, long }: Flag): string[] {
  return [short, long].filter((word) => word !== undefined);
}

/** Runs in bash 3.2 as well, which macOS has. */
function bash(): string {
  const all = flags();
  const cases = all
    .filter(({ value }) => value !== undefined)
    .map((flag) => `    ${words(flag).join('|')}) ${bashValue(flag.spec)}; return ;;`);
  return `# Completion of pzip for bash. In ~/.bashrc: source <(pzip completion bash)
_pzip() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} IFS=$'\\n'
  COMPREPLY=()
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  case $prev in
${cases.join('\n')}
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W $'${all.flatMap(words).join('\\n')}' -- "$cur"))
  elif [[ $COMP_CWORD == 2 && $prev == completion ]]; then
    COMPREPLY=($(compgen -W $'bash\\nzsh\\nfish' -- "$cur"))
  else
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -F _pzip pzip
`;
}

function bashValue({ choices, completes }: OptionSpec): string {
  if (choices) return `COMPREPLY=($(compgen -W $'${choices.join('\\n')}' -- "$cur"))`;
  if (completes === undefined) return ':';
  const kind = completes === 'file' ? '-f' : '-d';
  return `compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen ${kind} -- "$cur"))`;
}

function zsh(): string {
  const specs = flags().map((flag) => `    ${zshSpec(flag)} \\`);
  return `#compdef pzip
# Completion of pzip for zsh. In a file _pzip of a folder of $fpath, or in ~/.zshrc: source <(pzip completion zsh)
_pzip() {
  _arguments -s -S \\
${specs.join('\n')}
    '1:archive:_files' \\
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

function zshValue({ choices, completes }: OptionSpec): string {
  if (choices) return `(${choices.join(' ')})`;
  if (completes === undefined) return ' ';
  return completes === 'file' ? '_files' : '_files -/';
}

function fish(): string {
  const lines = flags().map(({ short, long, value, spec }) => {
    const names = [short && `-s ${short.slice(1)}`, long && `-l ${long.slice(2)}`].filter(Boolean).join(' ');
    return `complete -c pzip ${names}${value === undefined ? '' : fishValue(spec)} -d ${quoteForFish(spec.about)}`;
  });
  return `# Completion of pzip for fish. In ~/.config/fish/completions/pzip.fish
${lines.join('\n')}
`;
}

function fishValue({ choices, completes }: OptionSpec): string {
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
