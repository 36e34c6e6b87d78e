// Lints a schema file with the recommended and the relay rules of @graphql-eslint.
//
//   node lint-schema.mjs <schema.graphql>
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import graphql from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';
import { fail } from './arguments.mjs';

const [file] = process.argv.slice(2);
if (!file) {
  console.error('usage: node lint-schema.mjs <schema.graphql>');
  process.exit(2);
}
const text = await readFile(file, 'utf8');
const name = path.join(process.cwd(), 'schema.graphql');

const rules = {
  ...graphql.configs['flat/schema-recommended'].rules,
  ...graphql.configs['flat/schema-relay'].rules,
  // Ids belong to nodes only; what is part of a node (money, counts, payloads, pages) has none.
  '@graphql-eslint/strict-id-in-types': 'off',
  // Lists of values and of parts are plain `[T!]!`; only what is paged is a connection. Some of what
  // is paged is not kept but drawn for the reader (a journal's line with its running balance, a tag's
  // value on a day, an unknown batch with its age): Relay asks no `Node` of it.
  '@graphql-eslint/relay-edge-types': [
    'error',
    { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false },
  ],
  // Relay asks for one direction; what is computed page by page goes forward only.
  '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
};

const eslint = new ESLint({
  cwd: process.cwd(),
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ['**/*.graphql'],
      plugins: { '@graphql-eslint': graphql },
      languageOptions: {
        parser: graphql.parser,
        parserOptions: { graphQLConfig: { schema: text } },
      },
      rules,
    },
  ],
});

const [result] = await eslint.lintText(text, { filePath: name });
for (const { line, column, ruleId, message } of result.messages) {
  console.error(`${file}:${line}:${column} ${ruleId ?? 'parser'} ${message}`);
}
if (result.errorCount > 0) fail(`${result.errorCount} errors`);
console.log(`@graphql-eslint: ${Object.keys(rules).length} rules, 0 errors`);
