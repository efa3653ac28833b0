import { parseSetCookie } from 'cookie';
import supertest from 'supertest';
import type { Response } from 'supertest';

/** What a browser tells of where a request comes from. */
export interface Origin {
  readonly origin?: string;
  /** Absent, as of a page of this service; `undefined` of a browser that does not say it. */
  readonly site?: 'same-origin' | 'same-site' | 'cross-site' | 'none' | undefined;
}

/** A browser, as far as cookies, redirects and the headers of its requests go. */
export class Browser {
  readonly #origin: string;
  /** By name: values, and the path for which they are. */
  readonly cookies = new Map<string, { value: string; path: string }>();
  /** Every `Set-Cookie` so far. */
  readonly setCookies: string[] = [];

  /** @param publicUrl of the service whose cookies it keeps */
  constructor(publicUrl: string) {
    this.#origin = new URL(publicUrl).origin;
  }

  /** Follows a link, or a redirect, and stays there. */
  async visit(url: string): Promise<Response> {
    return this.#send('get', url, { site: 'none' }, { Accept: 'text/html,*/*;q=0.8' });
  }

  /** Fetches from a page, of this service unless said otherwise. */
  async fetch(
    method: 'get' | 'post' | 'patch',
    url: string,
    {
      headers = {},
      body,
      ...from
    }: Origin & { headers?: Record<string, string>; body?: object } = {},
  ): Promise<Response> {
    const page = { site: 'same-origin' as const, ...from };
    return this.#send(method, url, page, { Accept: '*/*', ...headers }, body);
  }

  async #send(
    method: 'get' | 'post' | 'patch',
    address: string,
    { site, origin }: Origin,
    headers: Record<string, string>,
    body?: object,
  ): Promise<Response> {
    const url = new URL(address);
    const isOwn = url.origin === this.#origin;
    const sentOrigin = origin ?? (method === 'get' ? undefined : this.#origin);
    const agent = supertest(url.origin);
    const request = agent[method](url.pathname + url.search).set({
      ...(isOwn && this.#cookieFor(url.pathname)),
      ...(site !== undefined && { 'Sec-Fetch-Site': site }),
      ...(sentOrigin !== undefined && sentOrigin !== '' && { Origin: sentOrigin }),
      ...headers,
    });
    const response = await (body === undefined ? request : request.send(body));
    if (isOwn) this.#keep(response);
    return response;
  }

  #cookieFor(path: string): { Cookie?: string } {
    const sent = [...this.cookies].filter(
      ([, cookie]) => path === cookie.path || path.startsWith(cookie.path.replace(/\/?$/, '/')),
    );
    return sent.length === 0
      ? {}
      : { Cookie: sent.map(([name, { value }]) => `${name}=${value}`).join('; ') };
  }

  #keep({ headers }: Response): void {
    const sent = (headers as Record<string, unknown>)['set-cookie'];
    for (const text of Array.isArray(sent) ? (sent as string[]) : []) {
      this.setCookies.push(text);
      const { name, value = '', path = '/', maxAge } = parseSetCookie(text);
      if (maxAge === 0) this.cookies.delete(name);
      else this.cookies.set(name, { value, path });
    }
  }
}
