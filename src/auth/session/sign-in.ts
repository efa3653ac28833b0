import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { ApplicationError } from '../../domain/errors.js';
import type { FailureLimit } from '../failure-limit.js';
import type { Tenants } from '../tenants.js';
import { toOrganisationName } from '../organisation.js';
import { ownCookie } from './cookies.js';
import type { SignInOptions } from './options.js';
import type { PageRequest } from './own-page.js';
import type { PersonApi } from './person.js';
import { readReturnTo } from './return-to.js';
import type { Sealer } from './sealed.js';
import { newCsrfToken } from './sessions.js';
import type { Session, Sessions } from './sessions.js';
import type { WebFlow } from './web-flow.js';

/** How long a person may take at GitHub, in seconds: as long as its code is good. */
const signInSeconds = 600;

/** What a browser is told, and what it is to keep. */
export interface Told<Content> {
  readonly content: Content;
  /** `Set-Cookie`. */
  readonly cookies: readonly string[];
}

/** What a page knows of its session. */
export interface SessionView {
  readonly login: string;
  readonly organisation?: string;
  readonly organisations: readonly string[];
  readonly csrf_token: string;
}

/** Lets people sign in by GitHub, in a browser. */
export interface SignIn {
  readonly sessions: Sessions;
  /** Where this service is, for a link back. */
  readonly home: string;
  /**
   * Begins to sign in: where the browser goes.
   *
   * @throws ApplicationError `contract-violation`
   */
  begin(returnTo: unknown): Promise<Told<string>>;
  /**
   * Ends that: where the browser goes. Whatever comes of it, it is ended (`abandon`).
   *
   * @param address the client's
   * @throws ApplicationError `forbidden`, `unavailable`, `rate-limited`
   */
  finish(
    parameters: URLSearchParams,
    headers: IncomingHttpHeaders,
    address: string | undefined,
  ): Promise<Told<string>>;
  /** `Set-Cookie` that ends a sign-in that came to nothing. */
  readonly abandon: string;
  /** The session of a page; `undefined` when there is none. */
  describe(headers: IncomingHttpHeaders): Promise<Told<SessionView | undefined>>;
  /** The session, in an organisation that its person was found to be a member of. */
  choose(session: Session, organisation: string): Promise<string>;
  /** Signs out, with `Set-Cookie`; GitHub is told to forget the token. */
  end(request: PageRequest): Promise<string>;
}

/** What that is made of. */
export interface SignInParts {
  readonly options: SignInOptions;
  readonly sealer: Sealer;
  readonly sessions: Sessions;
  readonly webFlow: WebFlow;
  readonly person: PersonApi;
  readonly tenants: Pick<Tenants, 'requireServed'>;
  readonly failures: FailureLimit;
  /** RFC 3339 in UTC. */
  readonly now: () => string;
}

const begunContent = z.object({ state: z.string(), verifier: z.string(), returnTo: z.string() });

/** Puts that together. */
export function createSignIn(parts: SignInParts): SignIn {
  const { options, sealer, sessions, webFlow, person, tenants, failures, now } = parts;
  const { publicUrl, lifetimeSeconds } = options;
  const cookie = ownCookie(publicUrl, 'sign-in');
  const seconds = (): number => Math.floor(Date.parse(now()) / 1000);

  /** Those that the service is for. */
  const served = async (organisations: readonly string[]): Promise<string[]> => {
    const found = await Promise.all(
      organisations.map((name) =>
        tenants
          .requireServed(toOrganisationName(name), () => undefined)
          .then(() => name)
          .catch(() => undefined),
      ),
    );
    return found.filter((name) => name !== undefined);
  };

  const begunOf = async ({ cookie: header }: IncomingHttpHeaders) => {
    const value = cookie.read(header);
    const begun = begunContent.safeParse(value && (await sealer.open('sign-in', value)));
    if (begun.success) return begun.data;
    throw new ApplicationError(
      'forbidden',
      `This sign-in was not begun in this browser, or more than ${signInSeconds / 60} minutes ago: begin again`,
    );
  };

  return {
    sessions,
    home: `${new URL(publicUrl).pathname.replace(/\/+$/, '')}/`,
    abandon: cookie.clear,

    async begin(wanted) {
      const returnTo = readReturnTo(wanted, publicUrl);
      const { url, state, verifier } = await webFlow.begin();
      const content = { state, verifier, returnTo };
      const value = await sealer.seal('sign-in', content, seconds() + signInSeconds);
      return { content: url.href, cookies: [cookie.set(value, signInSeconds)] };
    },

    async finish(parameters, headers, address) {
      const begun = await begunOf(headers);
      // GitHub limits how often it is asked with the app's name.
      const giveBack = failures(address);
      const { token, expiresIn = lifetimeSeconds } = await webFlow
        .finish(parameters, begun)
        .catch((error: unknown) => {
          if (isUnavailable(error)) giveBack();
          throw error;
        });
      giveBack();
      const login = await person.login(token);
      const organisations = await person.organisations(token);
      const choices = Array.isArray(organisations) ? await served(organisations) : [];
      const [organisation] = choices.length === 1 ? choices : [];
      const session: Session = {
        ...{ token, login, organisation },
        csrfToken: newCsrfToken(),
        expiresAt: seconds() + Math.min(lifetimeSeconds, expiresIn),
      };
      return {
        content: new URL(begun.returnTo, publicUrl).href,
        cookies: [cookie.clear, await sessions.write(session)],
      };
    },

    async describe(headers) {
      const session = await sessions.find(headers);
      const none = sessions.isCarriedBy(headers) ? [sessions.clear] : [];
      if (session === undefined) return { content: undefined, cookies: none };
      const { token, login, organisation, csrfToken } = session;
      const organisations = await person.organisations(token);
      if (organisations === 'unknown') return { content: undefined, cookies: none };
      const own = organisation === undefined ? [] : [organisation];
      const content = {
        login,
        ...(organisation !== undefined && { organisation }),
        organisations: [...new Set([...(await served(organisations ?? [])), ...own])].sort(),
        csrf_token: csrfToken,
      };
      return { content, cookies: [] };
    },

    choose: (session, organisation) => sessions.write({ ...session, organisation }),

    async end(request) {
      if ((await sessions.find(request.headers)) !== undefined) {
        const { token } = await sessions.require(request);
        await person.revoke(token);
      }
      return sessions.clear;
    },
  };
}

/** Whether something is nobody's fault here. */
function isUnavailable(error: unknown): boolean {
  return error instanceof ApplicationError && error.code === 'unavailable';
}
