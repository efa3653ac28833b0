import { Agent, request as open } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { components } from '../../generated/openapi.js';

type Schemas = components['schemas'];
export type Deployment = Schemas['Deployment'];
export type DeploymentEvent = Schemas['DeploymentEvent'];
export type Status = Deployment['status'];
export type CreateBody = Schemas['DeploymentCreate'];
export type UpdateBody = Schemas['DeploymentUpdate'];
export type RollbackBody = Schemas['RollbackRequest'];

/** A taxonomy within an organisation. */
export type Place = Pick<
  Deployment,
  'name' | 'environment' | 'provider' | 'cloud_account_id' | 'region' | 'cell'
>;
/** A taxonomy as a request writes it: in any case, and with blanks for what is absent. */
export type SpelledPlace = Pick<CreateBody, keyof Place>;

export type Filter = Readonly<Record<string, string | readonly string[]>>;

/** What makes a sound body break the contract. */
export interface Fault {
  /** The JSON Pointer of what is wrong. */
  readonly at: string;
  /** The fields that take the place of the sound ones. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Where a page ended: the cursor, and what the caller knows of it. */
export interface PageEnd {
  readonly cursor: string;
  readonly login: string;
  /** What the page belongs to. */
  readonly list: Listing;
  /** The last deployment's id, or the last event's revision. */
  readonly last: string | number;
}

/** What can be read in pages. */
export type Listing =
  | { readonly kind: 'list'; readonly filter: Filter }
  | { readonly kind: 'events'; readonly id: string };

/** A call of one of the eight operations. */
export type ModelRequest =
  | {
      readonly kind: 'create';
      readonly body: CreateBody;
      readonly key?: string | undefined;
      readonly fault?: Fault | undefined;
    }
  | { readonly kind: 'get'; readonly id: string; readonly ifNoneMatch?: string | undefined }
  | {
      readonly kind: 'update';
      readonly id: string;
      readonly body: UpdateBody;
      readonly ifMatch?: string | undefined;
      readonly fault?: Fault | undefined;
    }
  | (RollbackOptions & { readonly kind: 'rollbackTaxonomy'; readonly place: SpelledPlace })
  | (RollbackOptions & { readonly kind: 'rollbackDeployment'; readonly id: string })
  | { readonly kind: 'lineage'; readonly id: string }
  | (Listing & { readonly limit?: number | undefined; readonly after?: PageEnd | undefined });

/** The requests of some kinds. */
export type Of<K extends ModelRequest['kind']> = Extract<ModelRequest, { kind: K }>;

/** What both rollbacks take. */
export interface RollbackOptions {
  readonly target?: string | undefined;
  readonly body?: RollbackBody | undefined;
  readonly key?: string | undefined;
  readonly fault?: Fault | undefined;
}

/** What came back. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The path that was asked, without its query. */
  readonly path: string;
}

interface Wire {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly query?: Filter;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: object | undefined;
}

const base = '/v1/deployments';

function toWire(request: ModelRequest): Wire {
  switch (request.kind) {
    case 'create':
      return {
        method: 'POST',
        path: base,
        headers: { 'Idempotency-Key': request.key },
        body: { ...request.body, ...request.fault?.fields },
      };
    case 'get':
      return {
        method: 'GET',
        path: `${base}/${request.id}`,
        headers: { 'If-None-Match': request.ifNoneMatch },
      };
    case 'update':
      return {
        method: 'PATCH',
        path: `${base}/${request.id}`,
        headers: { 'If-Match': request.ifMatch },
        body: { ...request.body, ...request.fault?.fields },
      };
    case 'rollbackTaxonomy':
      return rollbackWire(`${base}/rollback`, { ...request.place }, request);
    case 'rollbackDeployment':
      return rollbackWire(`${base}/${request.id}/rollback`, {}, request);
    case 'lineage':
      return { method: 'GET', path: `${base}/${request.id}/lineage` };
    case 'list':
    case 'events': {
      const { limit, after } = request;
      const page = defined({ limit: limit?.toString(), cursor: after?.cursor });
      return request.kind === 'list'
        ? { method: 'GET', path: base, query: { ...request.filter, ...page } }
        : { method: 'GET', path: `${base}/${request.id}/events`, query: page };
    }
  }
}

function rollbackWire(
  path: string,
  place: Readonly<Record<string, string | null>>,
  { target, body, key, fault }: RollbackOptions,
): Wire {
  return {
    method: 'POST',
    path,
    query: defined({ ...place, target_version: target }),
    headers: { 'Idempotency-Key': key },
    body: fault === undefined ? body : { ...body, ...fault.fields },
  };
}

/** The entries that have a value. */
export function defined(
  values: Readonly<Record<string, string | null | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value == null ? [] : [[name, value]])),
  );
}

/** A query in which a list is a name that is repeated. */
function queryString(query: Filter): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((each): [string, string] => [name, each]),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

/** Sends requests over connections that are kept; where a service is several processes, to each in turn. */
export class Client {
  readonly #apiUrls: readonly string[];
  #sent = 0;
  // fetch() would not do: it asks caches to stand aside as soon as it is given If-None-Match.
  readonly #agent = new Agent({ keepAlive: true });

  constructor(...apiUrls: readonly string[]) {
    this.#apiUrls = apiUrls;
  }

  /** @param login sent as `X-Organisation` */
  call(login: string, request: ModelRequest): Promise<ApiResponse> {
    const { method, path, query = {}, headers = {}, body } = toWire(request);
    const apiUrl = this.#apiUrls[this.#sent % this.#apiUrls.length] ?? '';
    this.#sent += 1;
    const url = `${apiUrl}${path}${queryString(query)}`;
    const sent = defined({
      ...headers,
      'X-Organisation': login,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    });
    return new Promise((resolve, reject) => {
      open(url, { method, agent: this.#agent, headers: sent }, (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => (text += chunk))
          .once('error', reject)
          .once('end', () => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text, path });
          });
      })
        .once('error', reject)
        .end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
