/** Shows the contract in Swagger UI, with calls to the server that serves this page. */

/** The name of a security scheme of this page alone: the header is then typed once, beside the token. */
const organisation = 'organisation';
const organisationHeader = '#/components/parameters/Organisation';

/**
 * Swagger UI fills in the example of every parameter, so that a first list would be filtered to
 * nothing and each create would repeat one `Idempotency-Key`. The examples of what may be left out
 * are told in words instead.
 */
function tellExamples(value) {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.filter((item) => item?.$ref !== organisationHeader).map(tellExamples);
  }
  const told = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, tellExamples(inner)]),
  );
  if (!['query', 'header'].includes(told.in) || told.required || told.example === undefined) {
    return told;
  }
  const { example, ...parameter } = told;
  return { ...parameter, description: `${parameter.description}\n\nExample: \`${example}\`` };
}

/** The contract as this page shows it: the organisation goes with the token into the dialogue "Authorize". */
function shown(contract, server) {
  const { parameters, securitySchemes, ...components } = contract.components;
  const { name, description } = parameters.Organisation;
  return {
    ...tellExamples({ ...contract, components: { ...components, parameters } }),
    components: {
      ...tellExamples({ ...components, parameters }),
      securitySchemes: {
        ...securitySchemes,
        [organisation]: { type: 'apiKey', in: 'header', name, description },
      },
    },
    security: contract.security.map((requirement) => ({ ...requirement, [organisation]: [] })),
    // The contract names servers for clients that are generated from it; this page calls its own.
    servers: [{ url: server, description: 'The server of this page.' }],
  };
}

/** What of a request is nobody's to copy. */
const secret = new Set(['authorization', 'x-csrf-token']);

/**
 * Swagger UI shows each call as a curl with the token in its arguments, where other users of a machine and
 * the shell's history can read it. Here curl reads it from its input, and the page does not show it.
 */
function curlWithoutToken({ React, fn }) {
  const Curl = ({ request }) => {
    const headers = request.get('headers');
    const open = headers.filterNot((_value, name) => secret.has(name.toLowerCase()));
    const command = fn.requestSnippetGenerator_curl_bash(request.set('headers', open));
    const text = headers.some((_value, name) => secret.has(name.toLowerCase()))
      ? `printf 'Authorization: Bearer %s' "$TOKEN" | ${command.replace('curl', 'curl -H @-')}`
      : command;
    return React.createElement(
      'div',
      { className: 'curl-command' },
      React.createElement('h4', null, 'Curl'),
      React.createElement('pre', { className: 'curl microlight' }, text),
    );
  };
  return { components: { curl: Curl } };
}

/** What holds for all operations can be folded, and is so on a phone: else they would be screens away. */
function foldedAbout() {
  const isOpen = globalThis.matchMedia('(min-width: 641px)').matches;
  return {
    wrapComponents: {
      InfoContainer:
        (Original, { React }) =>
        (properties) =>
          React.createElement(
            'details',
            { className: 'about', open: isOpen },
            React.createElement('summary', null, 'About the Deployment Queue API'),
            React.createElement(Original, properties),
          ),
    },
  };
}

/** A group and a path are buttons, in which Swagger UI puts links; one that opens something has no other within. */
function plainNames() {
  return {
    wrapComponents: {
      DeepLink:
        (_Original, { React }) =>
        ({ text }) =>
          React.createElement('span', null, text),
    },
  };
}

/** What a field is called that Swagger UI shows without a label. */
function nameOf(field) {
  const parameter = field.closest('[data-param-name]')?.dataset.paramName;
  if (parameter !== undefined) return parameter;
  if (field.closest('.servers') !== null) return 'Server';
  if (field.tagName === 'TEXTAREA') return 'Body';
  return field.closest('.examples-select') === null ? 'Media type' : 'Example';
}

/** Names fields for those who do not see them, and lets keys reach what scrolls. */
function nameFields() {
  for (const field of globalThis.document.querySelectorAll(
    ':is(select, textarea):not([aria-label])',
  )) {
    field.setAttribute('aria-label', nameOf(field));
  }
  for (const block of globalThis.document.querySelectorAll('pre:not([tabindex])')) {
    block.tabIndex = 0;
  }
}

/** Goes by what the system wants, also when that changes; Swagger UI has the colours. */
function followColourScheme() {
  const dark = globalThis.matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    globalThis.document.documentElement.classList.toggle('dark-mode', dark.matches);
  };
  dark.addEventListener('change', apply);
  apply();
}

/** Fetches JSON from beside this page, wherever a proxy has put it. */
async function load(path) {
  const response = await globalThis.fetch(path);
  return response.json();
}

followColourScheme();
new globalThis.MutationObserver(nameFields).observe(globalThis.document.body, {
  childList: true,
  subtree: true,
});
const [contract, session] = await Promise.all([load('openapi.json'), load('session')]);
const server = new globalThis.URL('.', globalThis.document.baseURI).href.replace(/[/]$/, '');

globalThis.SwaggerUIBundle({
  dom_id: '#docs',
  spec: shown(contract, server),
  plugins: [curlWithoutToken, foldedAbout, plainNames],
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // A token stays in this page and is gone with it.
  persistAuthorization: false,
  // The badge of a validator would tell another host of this page.
  validatorUrl: null,
  requestInterceptor(request) {
    // Whoever has signed in calls by that.
    if (session.csrf_token) request.headers['X-CSRF-Token'] = session.csrf_token;
    return request;
  },
});
