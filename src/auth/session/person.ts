import { z } from 'zod';
import { ApplicationError } from '../../domain/errors.js';
import type { Logger } from '../../platform/logging.js';
import type { AskApi, Received } from '../github-requests.js';
import { toLogin } from '../organisation.js';
import type { SignInOptions } from './options.js';

/** What GitHub says of the person who has signed in. */
export interface PersonApi {
  /**
   * The person's login.
   *
   * @throws ApplicationError `unavailable`, `forbidden` when the token is of nobody
   */
  login(token: string): Promise<string>;
  /**
   * The organisations that the person is an active member of, as far as GitHub tells the app, by login in lower case:
   * the first hundred. `unknown` when GitHub does not know the token, `undefined` when it does not say.
   */
  organisations(token: string): Promise<readonly string[] | 'unknown' | undefined>;
  /** Has GitHub forget the token, if GitHub can be reached. */
  revoke(token: string): Promise<void>;
}

const userBody = z.object({ login: z.string().min(1).max(100) });
const membershipsBody = z.array(
  z.object({ state: z.string(), organization: z.object({ login: z.string() }) }),
);

/**
 * Asks GitHub by `GET /user`, `GET /user/memberships/orgs` and `DELETE /applications/{client_id}/token`.
 *
 * Source: https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-token
 */
export function createPersonApi(
  api: AskApi,
  { clientId, clientSecret }: SignInOptions,
  log: Pick<Logger, 'warn'>,
): PersonApi {
  return {
    async login(token) {
      const received = await api('/user', { authorization: `Bearer ${token}` });
      const user = userBody.safeParse(received?.body);
      if (received?.status === 200 && user.success) return user.data.login;
      if (received?.status === 401) {
        throw new ApplicationError('forbidden', 'GitHub does not know its own token: begin again');
      }
      throw new ApplicationError('unavailable', 'GitHub does not say who you are; try again', {
        retryAfter: 5,
      });
    },

    async organisations(token) {
      const received = await api('/user/memberships/orgs?state=active&per_page=100', {
        authorization: `Bearer ${token}`,
        template: '/user/memberships/orgs',
      });
      return received?.status === 401 ? 'unknown' : organisationsIn(received);
    },

    async revoke(token) {
      const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
      const received = await api(`/applications/${encodeURIComponent(clientId)}/token`, {
        method: 'DELETE',
        authorization: `Basic ${basic}`,
        template: '/applications/{client_id}/token',
        body: { access_token: token },
      });
      // 422 and 404: it is gone already.
      const isGone = received !== undefined && [204, 404, 422].includes(received.status);
      if (!isGone) log.warn({ status: received?.status }, 'GitHub did not revoke a token');
    },
  };
}

function organisationsIn(received: Received | undefined): readonly string[] | undefined {
  const memberships = membershipsBody.safeParse(received?.body);
  if (received?.status !== 200 || !memberships.success) return undefined;
  return memberships.data
    .filter(({ state }) => state === 'active')
    .map(({ organization }) => toLogin(organization.login))
    .filter((login) => login !== undefined);
}
