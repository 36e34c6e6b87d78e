// Starts GraphiQL on this endpoint: queries and mutations by POST, subscriptions as event stream.
'use strict';
(() => {
  const endpoint = '/graphql';

  function isSubscription(documentAST, operationName) {
    const operations = (documentAST?.definitions ?? [])
      .filter((definition) => definition.kind === 'OperationDefinition');
    const chosen = operationName
      ? operations.find((operation) => operation.name?.value === operationName)
      : operations[0];
    return chosen?.operation === 'subscription';
  }

  function post(params, accept, headers, signal) {
    return fetch(endpoint, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: accept, ...headers },
      body: JSON.stringify(params),
      signal,
    });
  }

  async function* events(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      buffer += value;
      for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
        const lines = buffer.slice(0, end).split('\n');
        buffer = buffer.slice(end + 2);
        const field = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        if (field('event') === 'complete') return;
        if (field('event') === 'next') yield JSON.parse(field('data'));
      }
    }
  }

  async function* subscribe(params, headers) {
    const stop = new AbortController();
    try {
      const response = await post(params, 'text/event-stream', headers, stop.signal);
      if (!response.ok) {
        yield await response.json();
        return;
      }
      yield* events(response);
    } finally {
      stop.abort();
    }
  }

  function fetcher(params, options) {
    const headers = options?.headers ?? {};
    if (isSubscription(options?.documentAST, params.operationName)) return subscribe(params, headers);
    return post(params, 'application/graphql-response+json', headers).then((answer) => answer.json());
  }

  // What stands in the editor at first: a question that this endpoint answers.
  const first = `# Ctrl-Enter 运行，Ctrl-Space 提示，左侧书本图标查看全部字段与说明
# Ctrl-Enter runs it, Ctrl-Space completes, the book icon shows every field with its description

# 一月各类待遇：人数与实付 / January by class: people, and what was paid
query FirstLook {
  matrix(from: "2026-01", to: "2026-01", by: [CLASS], measures: [PEOPLE, PAID]) {
    cells { class people paid { lines amount } }
  }
}

# 持续显示日志与读模型的位置 / Stays open and shows how far log and read models are
subscription Progress {
  statusChanged { position status { head reached } }
}
`;

  // A link may carry a query: /graphql?query=…&operationName=…&variables=…
  const link = new URLSearchParams(window.location.search);
  ReactDOM.createRoot(document.getElementById('graphiql')).render(
    React.createElement(GraphiQL, {
      fetcher,
      shouldPersistHeaders: false,
      defaultQuery: first,
      query: link.get('query') ?? undefined,
      variables: link.get('variables') ?? undefined,
      operationName: link.get('operationName') ?? undefined,
    }),
  );
})();
