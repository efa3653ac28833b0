import type { IncomingHttpHeaders } from 'node:http';
import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import type { Authenticate } from '../../auth/authenticate.js';
import { toOrganisationName } from '../../auth/organisation.js';
import type { SignIn } from '../../auth/session/sign-in.js';
import { ApplicationError, contractViolation } from '../../domain/errors.js';
import { failurePage } from './page.js';

/**
 * How a page of this service may call it: everybody may, with a token that somebody types, or signed in by GitHub.
 */
export type PageSettings = {
  /** Where the GitHub whose tokens the service takes has its pages, those of jobs too; without a slash at its end. */
  readonly gitHubUrl: string;
} & (
  | { readonly kind: 'none'; readonly organisation: string }
  | { readonly kind: 'token' }
  | { readonly kind: 'github'; readonly signIn: SignIn }
);

/** What the paths below need beside that. */
export interface SessionRoutesParts {
  readonly page: PageSettings;
  readonly authenticate: Authenticate;
  /** Reads a JSON body. */
  readonly readBody: (req: Request, res: Response, expected: boolean) => Promise<unknown>;
}

/** What is said here is of one browser, and of this moment. */
const headers = { 'Cache-Control': 'no-store', Vary: 'Cookie' };

/**
 * Serves what the pages of this service sign in by, below `/session`. It is not part of the contract: it answers
 * browsers with cookies and redirects, and changes together with the pages. Clients send tokens.
 *
 * - `GET /session` says how the page may call, who is signed in, and where GitHub is
 * - `GET /session/sign-in?return_to=` goes to GitHub, which comes back to `GET /session/callback`
 * - `POST /session/organisation` chooses one, `POST /session/sign-out` ends it
 */
export function serveSession({ page, authenticate, readBody }: SessionRoutesParts): Router {
  const router = Router({ caseSensitive: true, strict: true });
  if (page.kind !== 'github') {
    const { kind: authentication, gitHubUrl: github_url, ...rest } = page;
    router.get('/session', (_req, res) => {
      res.set(headers).json({ authentication, github_url, ...rest });
    });
    return router;
  }
  const { signIn, gitHubUrl: github_url } = page;

  router.get('/session', async (req, res) => {
    const { content, cookies } = await signIn.describe(req.headers);
    answer(res, cookies).json({ authentication: 'github', github_url, ...content });
  });

  router.get(
    '/session/sign-in',
    orPage(signIn, async (req, res) => {
      const { content, cookies } = await signIn.begin(req.query['return_to']);
      answer(res, cookies).redirect(303, content);
    }),
  );

  router.get(
    '/session/callback',
    orPage(signIn, async (req, res) => {
      const { searchParams } = new URL(req.url, 'http://localhost');
      const { content, cookies } = await signIn.finish(searchParams, req.headers, req.ip);
      answer(res, cookies).redirect(303, content);
    }),
  );

  router.post('/session/organisation', async (req, res) => {
    const session = await signIn.sessions.require(req);
    const organisation = readOrganisation(await readBody(req, res, true));
    const asked = { method: req.method, ip: req.ip, headers: naming(req.headers, organisation) };
    // Whoever may not act there is told why, as with any call.
    res.locals.caller = await authenticate(asked, res.locals.log);
    answer(res, [await signIn.choose(session, organisation)])
      .status(204)
      .end();
  });

  router.post('/session/sign-out', async (req, res) => {
    await readBody(req, res, false);
    answer(res, [await signIn.end(req)])
      .status(204)
      .end();
  });
  return router;
}

function answer(res: Response, cookies: readonly string[]): Response {
  res.set(headers);
  if (cookies.length > 0) res.setHeader('Set-Cookie', cookies);
  return res;
}

/** Tells whoever follows a link in a browser what went wrong on a page, and everybody else by problem details. */
function orPage(
  signIn: SignIn,
  handle: (req: Request, res: Response) => Promise<void>,
): RequestHandler {
  return async (req, res) => {
    try {
      await handle(req, res);
    } catch (error) {
      if (!(error instanceof ApplicationError) || req.accepts(['json', 'html']) !== 'html') {
        throw error;
      }
      const { code, message, details } = error;
      res.locals.log.warn({ code, detail: message }, 'sign-in refused');
      answer(res, [signIn.abandon])
        .set(details.retryAfter === undefined ? {} : { 'Retry-After': String(details.retryAfter) })
        .status(statusOf(code))
        .type('html')
        .send(failurePage(signIn.home, message));
    }
  };
}

function statusOf(code: ApplicationError['code']): number {
  if (code === 'contract-violation') return 422;
  if (code === 'rate-limited') return 429;
  return code === 'unavailable' ? 503 : 403;
}

function readOrganisation(body: unknown): string {
  const named =
    typeof body === 'object' && body !== null && 'organisation' in body && body.organisation;
  if (typeof named === 'string' && toOrganisationName(named) !== undefined)
    return named.toLowerCase();
  const message = "must be a GitHub organisation's login, or login~id";
  throw contractViolation([{ pointer: '#/organisation', message }]);
}

/** A session's request that names an organisation, and nobody else's token. */
function naming(sent: IncomingHttpHeaders, organisation: string): IncomingHttpHeaders {
  return { ...sent, authorization: undefined, 'x-organisation': organisation };
}
