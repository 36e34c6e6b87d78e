// Holds the client of graphql-sse (distinct connections) against an endpoint.
//
//   node client-sse.mjs <url> <query> <subscription> [header=value …]
//
// The subscription must send at least one result without errors; it may go on for ever.
import { createClient } from 'graphql-sse';
import { arguments_, fail, within, wholesome } from './arguments.mjs';

const usage = 'client-sse.mjs <url> <query> <subscription> [header=value …]';
const { url, words: [query, subscription], headers } = arguments_(usage, 2);
const wait = 10;

async function results(text, max) {
  const client = createClient({ url, headers, retryAttempts: 0 });
  const found = [];
  for await (const result of client.iterate({ query: text })) {
    found.push(result);
    if (found.length >= max) break;
  }
  client.dispose();
  return found;
}

try {
  wholesome('query', await within(wait, 'query', results(query, Infinity)));
  wholesome('subscription', await within(wait, 'subscription', results(subscription, 1)));
  const [refused] = await within(wait, 'invalid document', results('{ noSuchFieldAnywhere }', Infinity));
  if (!refused?.errors?.[0]?.extensions?.code) throw new Error('an invalid document was accepted');
} catch (error) {
  fail(error.message ?? JSON.stringify(error));
}
console.log('graphql-sse: query, subscription and errors ok');
process.exit(0);
