/** A response with its JSON body; an empty one when the body is not JSON. */
export interface GitHubResult {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** `GET` of a path below an API, with a token in the scheme given. */
export async function callGitHub(
  api: { readonly url: string },
  path: string,
  token?: string,
  headers: Readonly<Record<string, string>> = {},
  scheme = 'Bearer',
): Promise<GitHubResult> {
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `${scheme} ${token}` };
  const response = await fetch(api.url + path, { headers: { ...authorization, ...headers } });
  const text = await response.text();
  const parsed: unknown = response.headers.get('content-type')?.startsWith('application/json')
    ? JSON.parse(text)
    : {};
  return {
    status: response.status,
    headers: response.headers,
    body: { ...(typeof parsed === 'object' ? parsed : {}) },
  };
}
