// Runs every audit of graphql-http against an endpoint.
//
//   node audit-http.mjs <url> [header=value …]
//
// Fails if any audit does not pass, notices and warnings included.
import { serverAudits } from 'graphql-http';
import { arguments_, fail } from './arguments.mjs';

const { url, headers } = arguments_('audit-http.mjs <url> [header=value …]', 0);

// A GET must prove that it is not a foreign page's; the audits do not know how.
const fetchFn = (address, init = {}) =>
  fetch(address, {
    ...init,
    headers: { 'graphql-require-preflight': '1', ...headers, ...init.headers },
  });

const counts = { ok: 0, notice: 0, warn: 0, error: 0 };
for (const audit of serverAudits({ url, fetchFn })) {
  const result = await audit.fn();
  counts[result.status] += 1;
  if (result.status !== 'ok') {
    console.error(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`);
  }
}
const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
console.log(`graphql-http audits: ${counts.ok}/${total} ok`);
if (counts.ok !== total || total < 61) fail(JSON.stringify(counts));
process.exit(0);
