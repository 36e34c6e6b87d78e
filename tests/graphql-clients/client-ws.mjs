// Holds the client of graphql-ws, and the bare protocol, against an endpoint.
//
//   node client-ws.mjs <url> <query> <subscription> [header=value …]
//
// The URL may be http(s); the query must answer without errors; the subscription must send at least
// one result without errors. It may go on for ever: it is then completed from here.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { arguments_, fail, within, wholesome } from './arguments.mjs';

const usage = 'client-ws.mjs <url> <query> <subscription> [header=value …]';
const { url, words: [query, subscription], headers } = arguments_(usage, 2);
const address = url.replace(/^http/, 'ws');
const wait = 10;

class Socket extends WebSocket {
  constructor(to, protocols) {
    super(to, protocols, { headers });
  }
}

function client(options = {}) {
  return createClient({ url: address, webSocketImpl: Socket, retryAttempts: 0, ...options });
}

/** Results until the stream ends, or until there are `max`. */
async function results(from, text, max) {
  const found = [];
  for await (const result of from.iterate({ query: text })) {
    found.push(result);
    if (found.length >= max) break;
  }
  return found;
}

async function answers() {
  const to = client();
  wholesome('query', await results(to, query, Infinity));
  wholesome('subscription', await results(to, subscription, 1));
  // A second operation on the same socket shows that the first ended cleanly.
  wholesome('query after subscription', await results(to, query, Infinity));
  await to.dispose();
}

async function refusesInvalidDocuments() {
  const to = client();
  try {
    await results(to, '{ noSuchFieldAnywhere }', 1);
  } catch (errors) {
    if (!Array.isArray(errors) || !errors[0]?.extensions?.code) throw new Error(`invalid document: ${errors}`);
    return;
  } finally {
    await to.dispose();
  }
  throw new Error('an invalid document was accepted');
}

/** Sends texts on a bare socket and gives the close code. */
function closeCode(texts) {
  const socket = new WebSocket(address, 'graphql-transport-ws', { headers });
  return new Promise((resolve, reject) => {
    socket.on('open', () => texts.forEach((text) => socket.send(text)));
    socket.on('close', resolve);
    socket.on('error', reject);
  });
}

const init = JSON.stringify({ type: 'connection_init' });
const subscribe = JSON.stringify({ id: '1', type: 'subscribe', payload: { query: subscription } });

const closes = [
  ['not JSON', ['nonsense'], 4400],
  ['an unknown type', ['{"type":"start"}'], 4400],
  ['init with a payload that is no object', ['{"type":"connection_init","payload":1}'], 4400],
  ['subscribe before ack', [subscribe], 4401],
  ['a second init', [init, init], 4429],
  ['no init at all', [], 4408],
];

try {
  await within(wait, 'answers', answers());
  await within(wait, 'invalid document', refusesInvalidDocuments());
  for (const [what, texts, expected] of closes) {
    const code = await within(wait, what, closeCode(texts));
    if (code !== expected) throw new Error(`${what}: closed with ${code}, not ${expected}`);
  }
} catch (error) {
  fail(error.message ?? JSON.stringify(error));
}
console.log(`graphql-ws: query, subscription, errors and ${closes.length} close codes ok`);
process.exit(0);
