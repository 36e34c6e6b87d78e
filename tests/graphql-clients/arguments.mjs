// The command line that the scripts share, and how they fail.

export function fail(reason) {
  console.error(`failed: ${reason}`);
  process.exit(1);
}

/** `<url>`, then exactly `count` more words, then `header=value` pairs. */
export function arguments_(usage, count) {
  const [url, ...rest] = process.argv.slice(2);
  if (!url || rest.length < count) {
    console.error(`usage: node ${usage}`);
    process.exit(2);
  }
  const headers = {};
  for (const pair of rest.slice(count)) {
    const at = pair.indexOf('=');
    if (at < 1) fail(`not a header: ${pair}`);
    headers[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return { url, words: rest.slice(0, count), headers };
}

/** The end of a promise, or a failure when it does not come in time. */
export function within(seconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Checks that a list of results is not empty and holds no errors. */
export function wholesome(what, results) {
  if (results.length === 0) throw new Error(`${what}: no result`);
  const bad = results.find((result) => result.errors?.length);
  if (bad) throw new Error(`${what}: ${JSON.stringify(bad.errors)}`);
}
