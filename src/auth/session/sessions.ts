import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { ApplicationError } from '../../domain/errors.js';
import { ownCookie } from './cookies.js';
import type { SignInOptions } from './options.js';
import { requireOwnPage } from './own-page.js';
import type { PageRequest } from './own-page.js';
import type { Sealer } from './sealed.js';

/** Who has signed in, in a browser. All of it is in a cookie; the service keeps nothing of it. */
export interface Session {
  /** The person's token on GitHub. */
  readonly token: string;
  /** The person's login. */
  readonly login: string;
  /** The organisation that was chosen. */
  readonly organisation?: string | undefined;
  /** To be sent with what changes something. */
  readonly csrfToken: string;
  /** In seconds since the epoch. */
  readonly expiresAt: number;
}

/** The sessions of browsers. */
export interface Sessions {
  /** Whether a request has the cookie of a session, good or not. */
  isCarriedBy(headers: IncomingHttpHeaders): boolean;
  /** The session of a request; `undefined` when it has none that is good. */
  find(headers: IncomingHttpHeaders): Promise<Session | undefined>;
  /**
   * The session of a request, which may change something by its method.
   *
   * @throws ApplicationError `unauthenticated`, `forbidden` when it may come from the page of somebody else
   */
  require(request: PageRequest): Promise<Session>;
  /** `Set-Cookie` with a session. */
  write(session: Session): Promise<string>;
  /** `Set-Cookie` that ends it. */
  readonly clear: string;
}

const sealed = z.object({
  token: z.string(),
  login: z.string(),
  organisation: z.string().optional(),
  csrfToken: z.string(),
});

/** Keeps sessions in cookies. */
export function createSessions(
  { publicUrl }: SignInOptions,
  sealer: Sealer,
  now: () => string,
): Sessions {
  const cookie = ownCookie(publicUrl, 'session');
  const { origin } = new URL(publicUrl);

  const find = async (headers: IncomingHttpHeaders): Promise<Session | undefined> => {
    const value = cookie.read(headers.cookie);
    const opened = value && (await sealer.open('session', value));
    const content = sealed.safeParse(opened);
    if (!opened || !content.success) return undefined;
    return { ...content.data, expiresAt: opened.exp };
  };

  return {
    isCarriedBy: ({ cookie: header }) => cookie.read(header) !== undefined,
    find,
    async require(request) {
      const session = await find(request.headers);
      if (session === undefined) {
        throw new ApplicationError(
          'unauthenticated',
          'The session is over, or was not begun here: sign in again',
        );
      }
      requireOwnPage(request, origin, session.csrfToken);
      return session;
    },
    async write({ expiresAt, ...content }) {
      const seconds = Math.max(0, expiresAt - Math.floor(Date.parse(now()) / 1000));
      return cookie.set(await sealer.seal('session', content, expiresAt), seconds);
    },
    clear: cookie.clear,
  };
}

/** A token that nobody guesses. */
export function newCsrfToken(): string {
  return randomBytes(32).toString('base64url');
}
