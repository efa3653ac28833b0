import type { Clock } from '../../platform/clock.js';
import type { Logger } from '../../platform/logging.js';
import type { Fetch } from '../../platform/proxied-fetch.js';
import type { AskApi } from '../github-requests.js';
import type { SignIn, SignInParts } from './sign-in.js';
import type { SignInOptions } from './options.js';
import { createPersonApi } from './person.js';
import { createSealer } from './sealed.js';
import { createSessions } from './sessions.js';
import { createSignIn } from './sign-in.js';
import { createWebFlow } from './web-flow.js';

/** What signing in shares with the rest of authentication. */
export type SharedParts = Pick<SignInParts, 'tenants' | 'failures'> & {
  readonly api: AskApi;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly fetch: Fetch;
  readonly clock: Pick<Clock, 'now'>;
};

/** Lets people sign in by the app that the options name. */
export function openSignIn(
  options: SignInOptions,
  { api, log, fetch, tenants, failures, clock }: SharedParts,
): SignIn {
  const now = (): string => clock.now();
  const sealer = createSealer(options.keys, now);
  return createSignIn({
    options,
    sealer,
    sessions: createSessions(options, sealer, now),
    webFlow: createWebFlow(options, log, fetch),
    person: createPersonApi(api, options, log),
    tenants,
    failures,
    now,
  });
}
