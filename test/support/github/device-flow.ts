import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback } from '../loopback-server.js';

/** A double of the device flow of https://github.com. */
export interface DeviceFlow {
  /** To be used as `GITHUB_SERVER_URL`. */
  readonly url: string;
  readonly clientId: string;
  /** How often a token was asked for. */
  readonly asked: number;
  stop(): Promise<void>;
}

/** What asking for a token comes to, in order; the last one stays. */
export type Verdict = 'authorization_pending' | 'access_denied' | 'expired_token' | 'granted';

/**
 * Starts a double of GitHub's device flow, as its documentation has it: forms or JSON in, JSON out where `Accept`
 * asks for it, 200 also for errors, 404 for an app that is not known.
 *
 * See https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow.
 *
 * @param token what is granted
 * @param verdicts what each question is told
 */
export async function startDeviceFlow(
  token: string,
  verdicts: readonly Verdict[],
): Promise<DeviceFlow> {
  const clientId = `Iv1.${randomBytes(8).toString('hex')}`;
  const deviceCode = randomBytes(20).toString('hex');
  let asked = 0;

  const code = (fields: Fields) =>
    fields['scope'] === undefined
      ? { error: 'invalid_scope' }
      : {
          device_code: deviceCode,
          user_code: 'WDJB-MJHT',
          verification_uri: 'https://github.com/login/device',
          expires_in: 900,
          // GitHub says 5; nothing is gained by waiting here.
          interval: 0,
        };
  const access = (fields: Fields) => {
    if (fields['grant_type'] !== 'urn:ietf:params:oauth:grant-type:device_code') {
      return { error: 'unsupported_grant_type' };
    }
    if (fields['device_code'] !== deviceCode) return { error: 'incorrect_device_code' };
    const verdict = verdicts[Math.min(asked, verdicts.length - 1)];
    asked += 1;
    return verdict === 'granted'
      ? { access_token: token, token_type: 'bearer', scope: 'read:org' }
      : { error: verdict, error_description: 'As the test has it.', error_uri: 'https://x.test' };
  };
  const paths = new Map<string, (fields: Fields) => object>([
    ['/login/device/code', code],
    ['/login/oauth/access_token', access],
  ]);

  const server = await listenOnLoopback(async (request, response) => {
    const answer = paths.get(request.url ?? '');
    const fields = await fieldsOf(request);
    if (request.method !== 'POST' || answer === undefined || fields['client_id'] !== clientId) {
      send(response, 404, { error: 'Not Found' });
    } else if (!/\bapplication\/(?:[\w.-]+\+)?json\b/.test(request.headers.accept ?? '')) {
      response.end('a form, which nobody here reads');
    } else {
      send(response, 200, answer(fields));
    }
  });
  return {
    url: server.url,
    clientId,
    get asked() {
      return asked;
    },
    stop: () => server.stop(),
  };
}

type Fields = Readonly<Record<string, unknown>>;

async function fieldsOf(request: IncomingMessage): Promise<Fields> {
  const body = await text(request);
  return (request.headers['content-type'] ?? '').includes('json')
    ? (JSON.parse(body) as Fields)
    : Object.fromEntries(new URLSearchParams(body));
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
