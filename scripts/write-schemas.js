/**
 * The JSON Schemas of the package: that of pzip.config.json, for editors, is made from the table of options; that of reports is
 * written by hand.
 */
import { copyFileSync, writeFileSync } from 'node:fs';
import { CONFIG_OPTIONS } from '../dist/cli/config/config-options.js';

const texts = { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] };

function schemaOf({ about, takesValue, mayBeEmpty, repeats, choices }) {
  const description = about;
  if (!takesValue) return { description, type: 'boolean' };
  if (choices) return { description, enum: choices };
  if (repeats) return { description, ...texts };
  return { description, type: mayBeEmpty ? ['string', 'boolean'] : ['string', 'number'] };
}

const options = Object.fromEntries([...CONFIG_OPTIONS].map(([key, option]) => [key, schemaOf(option)]));
const schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Archives of pzip build',
  type: 'object',
  required: ['archives'],
  additionalProperties: false,
  properties: {
    $schema: { type: 'string' },
    threads: { description: 'worker threads of all archives together', type: ['number', 'string'] },
    memory: { description: 'buffered data of all archives together, such as 256M', type: ['number', 'string'] },
    engine: { description: 'deflate engine', enum: ['wasm', 'zlib'] },
    archives: {
      type: 'object',
      minProperties: 1,
      additionalProperties: {
        type: 'object',
        required: ['archive'],
        additionalProperties: false,
        properties: {
          archive: { description: 'path of the archive, relative to this file', type: 'string', minLength: 1 },
          inputs: { description: 'files, directories and patterns; ! excludes', ...texts },
          ...options,
        },
      },
    },
  },
};
writeFileSync(new URL('../dist/pzip.config.schema.json', import.meta.url), `${JSON.stringify(schema, undefined, 2)}\n`);
copyFileSync(
  new URL('../src/report/report.schema.json', import.meta.url),
  new URL('../dist/pzip.report.schema.json', import.meta.url),
);
