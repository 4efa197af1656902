/** Rules for arguments that commander does not have: checked, and rewritten for it, before it reads them. */
import { ALL_OPTIONS } from './options-table.js';
import { UsageError } from './usage-error.js';

const TAKES_VALUE = new Set(
  ALL_OPTIONS.filter(({ flags }) => flags.includes('<')).flatMap(
    ({ flags }) => flags.match(/(?<![\w-])--?[\w-]+/g) ?? [],
  ),
);

/** `-10` would be -1 and then -0, and store. */
export function rejectTwoLevels(argv: readonly string[]): void {
  for (let index = 0; index < argv.length && argv[index] !== '--'; index++) {
    const argument = argv[index] ?? '';
    if (TAKES_VALUE.has(argument)) index++;
    else if (/^-[DTXhjnqrvyz]*\d[DTXhjnqrvyz]*\d/.test(argument)) {
      const way = argument === '-10' ? 'level 10 is --max, or --level 10' : 'levels go from -0 to -9, and --max';
      throw new UsageError(`${argument} is two levels: ${way}`);
    }
  }
}

const MAY_TAKE_VALUE = new Set(
  ALL_OPTIONS.filter(({ flags }) => flags.includes('[=')).map(({ flags }) => flags.replace(/\[.*/, '')),
);

/** An option whose value may be left out takes it after `=` only, and never the argument that follows. */
export function withEmptyValues(argv: readonly string[]): string[] {
  const given = [...argv];
  for (let index = 0; index < given.length && given[index] !== '--'; index++) {
    const argument = given[index] ?? '';
    if (TAKES_VALUE.has(argument)) index++;
    else if (MAY_TAKE_VALUE.has(argument)) given[index] = `${argument}=`;
    else if (argument.endsWith('=') && MAY_TAKE_VALUE.has(argument.slice(0, -1))) {
      throw new UsageError(`${argument} names no file: leave out the equals sign`);
    }
  }
  return given;
}
