/** Shows the contract in Swagger UI, with calls to the server that serves this page. */

/**
 * Swagger UI fills in the example of every parameter, so that a first list would be filtered to
 * nothing and each create would repeat one `Idempotency-Key`. The examples of what may be left out
 * are told in words instead.
 */
function tellExamples(value) {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(tellExamples);
  const told = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, tellExamples(inner)]),
  );
  if (!['query', 'header'].includes(told.in) || told.required || told.example === undefined) {
    return told;
  }
  const { example, ...parameter } = told;
  return { ...parameter, description: `${parameter.description}\n\nExample: \`${example}\`` };
}

/**
 * Swagger UI shows each call as a curl with the token in its arguments, where other users of a machine and
 * the shell's history can read it. Here curl reads it from its input, and the page does not show it.
 */
function curlWithoutToken({ React, fn }) {
  const Curl = ({ request }) => {
    const headers = request.get('headers');
    const open = headers.filterNot((_value, name) => name.toLowerCase() === 'authorization');
    const command = fn.requestSnippetGenerator_curl_bash(request.set('headers', open));
    const text =
      open.size === headers.size
        ? command
        : `printf 'Authorization: Bearer %s' "$TOKEN" | ${command.replace('curl', 'curl -H @-')}`;
    return React.createElement(
      'div',
      { className: 'curl-command' },
      React.createElement('h4', null, 'Curl'),
      React.createElement('pre', { className: 'curl microlight' }, text),
    );
  };
  return { components: { curl: Curl } };
}

// Beside this page, wherever a proxy has put it.
const response = await globalThis.fetch('openapi.json');
const contract = await response.json();
const server = new globalThis.URL('.', globalThis.document.baseURI).href.replace(/[/]$/, '');

globalThis.SwaggerUIBundle({
  dom_id: '#docs',
  spec: tellExamples({
    ...contract,
    // The contract names servers for clients that are generated from it; this page calls its own.
    servers: [{ url: server, description: 'The server of this page.' }],
  }),
  plugins: [curlWithoutToken],
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // A token stays in this page and is gone with it.
  persistAuthorization: false,
  // The badge of a validator would tell another host of this page.
  validatorUrl: null,
});
