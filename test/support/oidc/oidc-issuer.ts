import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JWK } from 'jose';
import { actionsClaims, epochSeconds, type Claims } from './actions-claims.js';
import { planFaults, playFault, type FaultPlan } from '../faults.js';
import { writeJws, type Seal, type Segment } from './jws.js';
import { listenOnLoopback } from '../loopback-server.js';
import { ownerIdOf } from '../owner-ids.js';
import { rsaKey, type SigningKey } from './signing-keys.js';

/** What {@link OidcIssuer.sign} may do differently from an honest issuer. */
export interface SignOptions {
  /** Header parameters on top of `alg`, `kid`, `typ` and `x5t`; `undefined` leaves one out. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** How to sign; by default RS256 with the current key. The header's `alg` follows it. */
  readonly seal?: Seal;
  /** The payload as it stands, in place of the claims. */
  readonly payload?: Segment;
}

/** A running issuer. */
export interface OidcIssuer {
  /** The value of `iss` and the base of its well-known documents. */
  readonly url: string;
  readonly jwksUrl: string;
  /** Requests for the JWKS that have arrived, those that ran into a fault included. */
  readonly fetches: number;
  /** The `kid` that {@link sign} uses now. */
  readonly kid: string;
  /** The key that {@link sign} uses now. */
  readonly key: SigningKey;
  /** The current public key as an SPKI PEM. */
  readonly publicKeyPem: string;
  /** The current public key as it is published. */
  readonly publicJwk: JWK;
  /** Faults of the JWKS endpoint. For "connection refused", {@link stop} it. */
  readonly faults: FaultPlan;
  /**
   * A token with the claims of a GitHub Actions job, changed by `claims`; another owner comes with its id.
   */
  sign(claims?: Claims, options?: SignOptions): string;
  /**
   * Signs with a new key from now on, under a new `kid`. The former keys stay published, as they do at
   * GitHub until the last token signed with them has expired, unless they are to be retired.
   */
  rotate(options?: { retire?: boolean }): Promise<void>;
  /** Stops listening: connections are refused. The keys stay. */
  stop(): Promise<void>;
  /** Listens again on the same port, with the same keys. */
  restart(): Promise<void>;
}

/**
 * Starts an OpenID Connect issuer in the likeness of https://token.actions.githubusercontent.com.
 *
 * @param options.name issuers with the same name share key material (not `kid`s): give an attacker another name
 * @param options.standbyKeys published keys that sign nothing; GitHub publishes a few. With none, a token
 *   without `kid` has only one key it could belong to, which is the harder case for a verifier.
 * @param options.basePath part of the issuer's address, as in `https://token.actions.githubusercontent.com/octocat-inc`
 */
export async function startOidcIssuer(
  options: { name?: string; standbyKeys?: number; basePath?: string } = {},
): Promise<OidcIssuer> {
  const { name = 'issuer', standbyKeys = 0, basePath = '' } = options;
  const faults = planFaults();
  let generation = 0;
  let current = await publish(name, generation);
  let published = [current];
  for (let index = 0; index < standbyKeys; index += 1)
    published.push(await publish(`${name} standby`, index));
  let fetches = 0;

  const server = await listenOnLoopback(async (request, response) => {
    if (request.url === `${basePath}/.well-known/openid-configuration`) {
      sendJson(response, configuration(url));
      return;
    }
    if (request.url !== basePath + JWKS_PATH) return void response.writeHead(404).end();
    fetches += 1;
    await answer(faults, request, response, () => {
      sendJson(response, { keys: published.map((key) => key.jwk) });
    });
  });
  const url = server.url + basePath;

  return {
    url,
    jwksUrl: url + JWKS_PATH,
    faults,
    get fetches() {
      return fetches;
    },
    get kid() {
      return current.kid;
    },
    get key() {
      return current.key;
    },
    get publicKeyPem() {
      return current.key.publicKeyPem;
    },
    get publicJwk() {
      return current.jwk;
    },
    sign(claims = {}, { header = {}, seal = honestSeal(current.key), payload } = {}) {
      const honest = { typ: 'JWT', alg: seal.alg, x5t: current.thumbprint, kid: current.kid };
      const body =
        payload === undefined
          ? { ...actionsClaims(url, epochSeconds()), ...ownerId(claims), ...claims }
          : payload;
      return writeJws({ ...honest, ...header }, body, seal);
    },
    async rotate({ retire = false } = {}) {
      generation += 1;
      current = await publish(name, generation);
      published = retire ? [current] : [current, ...published];
    },
    stop: () => server.stop(),
    restart: () => server.restart(),
  };
}

/**
 * Starts an issuer that belongs to an attacker: keys of its own, served from a port of its own.
 * Its `fetches` must stay 0 whatever a token's header points at.
 */
export function startAttacker(): Promise<OidcIssuer> {
  return startOidcIssuer({ name: 'attacker' });
}

/** As a string, which GitHub makes of all its numbers. */
function ownerId({ repository_owner: owner }: Claims): Claims {
  return typeof owner === 'string' ? { repository_owner_id: String(ownerIdOf(owner)) } : {};
}

const JWKS_PATH = '/.well-known/jwks';

interface PublishedKey {
  readonly kid: string;
  readonly thumbprint: string;
  readonly key: SigningKey;
  readonly jwk: JWK;
}

async function publish(name: string, generation: number): Promise<PublishedKey> {
  const key = await rsaKey(`${name} ${generation}`);
  const kid = randomUUID();
  const thumbprint = createHash('sha1').update(key.publicKeyPem).digest('base64url');
  return {
    kid,
    thumbprint,
    key,
    jwk: { ...key.publicJwk, alg: 'RS256', use: 'sig', kid, x5t: thumbprint },
  };
}

function honestSeal(key: SigningKey): Seal {
  return { alg: 'RS256', key: key.privateKey };
}

async function answer(
  faults: FaultPlan,
  request: IncomingMessage,
  response: ServerResponse,
  usual: () => void,
): Promise<void> {
  const fault = faults.take(request.url ?? '');
  if (fault && (await playFault(fault, request, response))) return;
  usual();
}

function sendJson(response: ServerResponse, body: unknown): void {
  response
    .writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
    .end(JSON.stringify(body));
}

function configuration(issuer: string): Record<string, unknown> {
  return {
    issuer,
    jwks_uri: issuer + JWKS_PATH,
    subject_types_supported: ['public', 'pairwise'],
    response_types_supported: ['id_token'],
    claims_supported: Object.keys(actionsClaims(issuer, 0)).concat(
      'environment',
      'enterprise',
      'enterprise_id',
      'check_run_id',
    ),
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid'],
  };
}
