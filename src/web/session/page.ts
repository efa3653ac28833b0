/**
 * The page that says why a sign-in came to nothing. It has no script and no style, as the headers of all responses
 * demand.
 *
 * @param home where the service is, for a link
 * @param detail a sentence, in which nothing is markup
 */
export function failurePage(home: string, detail: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Not signed in · Deployment Queue</title>
  </head>
  <body>
    <h1>You are not signed in</h1>
    <p role="alert">${escape(detail)}.</p>
    <p><a href="${escape(home)}session/sign-in">Sign in with GitHub</a> · <a href="${escape(home)}">Back</a></p>
  </body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? '');
}
