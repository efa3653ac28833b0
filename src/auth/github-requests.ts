import type { Logger } from '../platform/logging.js';
import { reasonOf } from '../platform/logging.js';
import type { Fetch } from '../platform/proxied-fetch.js';
import { readLimited } from './outbound.js';

/** Where GitHub is asked. */
export interface GitHubOptions {
  /** Such as `https://api.github.com`, without a slash at its end. */
  readonly apiUrl: string;
  /** For `X-GitHub-Api-Version`. */
  readonly apiVersion: string;
}

/** A response of GitHub's API, read whole. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  /** `undefined` when it is not JSON. */
  readonly body: unknown;
}

/** What is asked of GitHub's API. */
export interface GitHubRequest {
  /** As it is logged where it may name an organisation or an app. */
  readonly template?: string;
  readonly method?: 'GET' | 'DELETE';
  /** A whole `Authorization` header. */
  readonly authorization: string;
  readonly body?: object;
}

/** Asks GitHub's REST API; `undefined` when there was no response. */
export type AskApi = (path: string, request: GitHubRequest) => Promise<Received | undefined>;

const timeoutMs = 10_000;
const maxBytes = 1024 * 1024;

/** Asks GitHub's REST API, within limits of time and size, and follows no redirect. */
export function createGitHubRequests(
  { apiUrl, apiVersion }: GitHubOptions,
  log: Pick<Logger, 'warn'>,
  fetch: Fetch = globalThis.fetch,
): AskApi {
  return async (path, { template = path, method = 'GET', authorization, body }) => {
    try {
      const response = await fetch(apiUrl + path, {
        method,
        // A redirect would carry the token to who knows where.
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          Authorization: authorization,
          Accept: 'application/vnd.github+json',
          'User-Agent': 'deployment-queue-api',
          'X-GitHub-Api-Version': apiVersion,
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await readLimited(response, maxBytes);
      return { status: response.status, headers: response.headers, body: parse(text) };
    } catch (error) {
      log.warn({ path: template, reason: reasonOf(error) }, 'GitHub did not respond');
      return undefined;
    }
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
