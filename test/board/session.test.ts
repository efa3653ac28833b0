import { expect } from 'chai';
import { text } from 'node:stream/consumers';
import {
  chooseOrganisation,
  credentialsOf,
  csrfHeader,
  keepToken,
  keptToken,
  readSession,
  signInLink,
  signOut,
} from '../../src/board/session.js';
import type { Session } from '../../src/board/session.js';
import { authenticateAll } from '../support/authenticated-service.js';
import { rejection } from '../support/client.js';
import { runService } from '../support/http.js';
import { listenOnLoopback } from '../support/loopback-server.js';

const off: Session = {
  authentication: 'none',
  gitHub: 'https://github.com',
  ...{ login: undefined, organisation: undefined, csrfToken: undefined },
  organisations: [],
};

describe('who looks at the board', () => {
  const open = runService();
  const closed = authenticateAll();

  it('is anybody, where authentication is off', async () => {
    const session = await readSession(`${open.service.apiUrl}/`, fetch);
    expect(session).to.include({ authentication: 'none', login: undefined });
  });

  it('has to type a token in, where it is on', async () => {
    const session = await readSession(`${closed.now.service.apiUrl}/`, fetch);
    const gitHub = closed.now.gitHub.url;
    expect(session).to.deep.equal({ ...off, authentication: 'token', gitHub });
  });

  for (const [what, status, body, expected] of [
    ['a token', 200, { authentication: 'token' }, { ...off, authentication: 'token' }],
    ['nothing', 200, { authentication: 'none' }, off],
    [
      'nothing, and told which organisation is meant',
      200,
      { authentication: 'none', organisation: 'local-dev' },
      { ...off, organisation: 'local-dev' },
    ],
    [
      'GitHub, and nobody is signed in',
      200,
      { authentication: 'github' },
      { ...off, authentication: 'github' },
    ],
    [
      'GitHub',
      200,
      {
        ...{ authentication: 'github', login: 'mona', organisation: 'acme', csrf_token: 'c' },
        github_url: 'https://git.acme.example',
        organisations: ['acme', 'globex'],
      },
      {
        ...{ authentication: 'github', login: 'mona', organisation: 'acme', csrfToken: 'c' },
        gitHub: 'https://git.acme.example',
        organisations: ['acme', 'globex'],
      },
    ],
    [
      'something later, which a token may do for',
      200,
      { authentication: 'saml' },
      { ...off, authentication: 'token' },
    ],
    [
      'no session at all',
      503,
      { detail: 'down' },
      'The service answered 503 when it was asked how to sign in',
    ],
  ] as const) {
    it(`is asked by ${what}`, async () => {
      const server = await listenOnLoopback((request, response) => {
        expect(request.url).to.equal('/tools/session');
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify(body));
      });
      try {
        const outcome: unknown = await readSession(`${server.url}/tools/`, fetch).catch(
          (error: unknown) => (error as Error).message,
        );
        expect(outcome).to.deep.equal(expected);
      } finally {
        await server.stop();
      }
    });
  }

  it('sends what its session has', async () => {
    const headers = async (session: Session, typed?: { token: string; organisation: string }) =>
      credentialsOf(session, 'of-url', typed)?.headers();
    expect(await headers(off)).to.deep.equal({ 'X-Organisation': 'of-url' });
    expect(await credentialsOf(off, '', undefined)?.headers()).to.deep.equal({});
    const token: Session = { ...off, authentication: 'token' };
    expect(await headers(token)).to.equal(undefined);
    expect(await headers(token, { token: 'ghp_x', organisation: 'acme' })).to.deep.equal({
      Authorization: 'Bearer ghp_x',
      'X-Organisation': 'acme',
    });
    const gitHub: Session = { ...off, authentication: 'github' };
    expect(await headers(gitHub)).to.equal(undefined);
    expect(await headers({ ...gitHub, login: 'mona' })).to.equal(undefined);
    const whole = { ...gitHub, login: 'mona', organisation: 'acme', csrfToken: 'c' };
    expect(await headers(whole)).to.deep.equal({ 'X-CSRF-Token': 'c' });
    expect(csrfHeader(gitHub)).to.deep.equal({});
  });

  it('comes back from GitHub to where it was, as far as the service lets it', () => {
    const base = 'https://queue.example.com/tools/';
    expect(signInLink(base, '/tools/?q=a&wall')).to.equal(
      `${base}session/sign-in?return_to=%2Ftools%2F%3Fq%3Da%26wall`,
    );
    expect(signInLink(base, `/${'a'.repeat(1024)}`)).to.equal(`${base}session/sign-in`);
  });

  it('chooses an organisation, and signs out, with the token of its session', async () => {
    const session = { ...off, authentication: 'github' as const, login: 'mona', csrfToken: 'c' };
    const seen: unknown[] = [];
    let status = 204;
    const server = await listenOnLoopback(async (request, response) => {
      const body = await text(request);
      seen.push([request.method, request.url, request.headers['x-csrf-token'], body]);
      response.writeHead(status, { 'content-type': 'application/problem+json' });
      response.end(status === 204 ? undefined : '{"detail":"Not a member"}');
    });
    try {
      const base = `${server.url}/tools/`;
      await chooseOrganisation(base, session, 'acme', fetch);
      await signOut(base, session, fetch);
      expect(seen).to.deep.equal([
        ['POST', '/tools/session/organisation', 'c', '{"organisation":"acme"}'],
        ['POST', '/tools/session/sign-out', 'c', ''],
      ]);
      status = 403;
      const refused = chooseOrganisation(base, session, 'other', fetch);
      expect((await rejection(refused, Error)).message).to.equal('Not a member');
      status = 401;
      await signOut(base, session, fetch);
    } finally {
      await server.stop();
    }
  });

  it('is told what cannot be sent', () => {
    const token: Session = { ...off, authentication: 'token' };
    expect(() => credentialsOf(token, '', { token: 'a b', organisation: 'acme' })).to.throw(
      'holds a space',
    );
    expect(() => credentialsOf(off, 'no/where', undefined)).to.throw("organisation's login");
  });

  it('has a token in the tab alone, until it is forgotten', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
    expect(keptToken(storage)).to.equal(undefined);
    keepToken(storage, { token: 'ghp_x', organisation: 'acme~7' });
    expect(keptToken(storage)).to.deep.equal({ token: 'ghp_x', organisation: 'acme~7' });
    keepToken(storage, undefined);
    expect(keptToken(storage)).to.equal(undefined);
    expect(kept.size).to.equal(0);
  });
});
