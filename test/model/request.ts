import { Agent, request as open } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { components } from '../../generated/openapi.js';

export type Deployment = components['schemas']['Deployment'];
export type DeploymentEvent = components['schemas']['DeploymentEvent'];
export type Status = Deployment['status'];

/** A taxonomy within an organisation; parts that are `null` are left out of requests. */
export type Place = Pick<
  Deployment,
  'name' | 'environment' | 'provider' | 'cloud_account_id' | 'region' | 'cell'
>;

export type Filter = Readonly<Record<string, string>>;

/** Where a page ended: the cursor, and what the caller knows of it. */
export interface PageEnd {
  readonly cursor: string;
  readonly login: string;
  readonly filter: Filter;
  /** The last deployment of the page. */
  readonly id: string;
}

/** A call of one of the eight operations. */
export type ModelRequest =
  | {
      readonly kind: 'create';
      readonly body: Readonly<Record<string, unknown>>;
      readonly key?: string | undefined;
      /** The JSON Pointer of the fault that the body has. */
      readonly fault?: string | undefined;
    }
  | { readonly kind: 'get'; readonly id: string; readonly ifNoneMatch?: string | undefined }
  | {
      readonly kind: 'update';
      readonly id: string;
      readonly body: Readonly<Partial<Pick<Deployment, 'status' | 'notes' | 'deployment_uri'>>>;
      readonly ifMatch?: string | undefined;
    }
  | {
      readonly kind: 'rollbackTaxonomy';
      readonly place: Place;
      readonly target?: string | undefined;
      readonly key?: string | undefined;
    }
  | {
      readonly kind: 'rollbackDeployment';
      readonly id: string;
      readonly target?: string | undefined;
      readonly key?: string | undefined;
    }
  | { readonly kind: 'lineage'; readonly id: string }
  | { readonly kind: 'events'; readonly id: string }
  | {
      readonly kind: 'list';
      readonly filter: Filter;
      readonly limit?: number | undefined;
      readonly after?: PageEnd | undefined;
    };

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
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: object;
}

const base = '/v1/deployments';

function toWire(request: ModelRequest): Wire {
  switch (request.kind) {
    case 'create':
      return {
        method: 'POST',
        path: base,
        headers: { 'Idempotency-Key': request.key },
        body: request.body,
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
        body: request.body,
      };
    case 'rollbackTaxonomy':
      return {
        method: 'POST',
        path: `${base}/rollback`,
        query: defined({ ...request.place, target_version: request.target }),
        headers: { 'Idempotency-Key': request.key },
      };
    case 'rollbackDeployment':
      return {
        method: 'POST',
        path: `${base}/${request.id}/rollback`,
        query: defined({ target_version: request.target }),
        headers: { 'Idempotency-Key': request.key },
      };
    case 'lineage':
    case 'events':
      return { method: 'GET', path: `${base}/${request.id}/${request.kind}` };
    case 'list': {
      const { filter, limit, after } = request;
      const query = { ...filter, limit: limit?.toString(), cursor: after?.cursor };
      return { method: 'GET', path: base, query: defined(query) };
    }
  }
}

/** The entries that have a value. */
export function defined(
  values: Readonly<Record<string, string | null | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value == null ? [] : [[name, value]])),
  );
}

/** Sends requests to a service over connections that are kept. */
export class Client {
  readonly #apiUrl: string;
  // fetch() would not do: it asks caches to stand aside as soon as it is given If-None-Match.
  readonly #agent = new Agent({ keepAlive: true });

  constructor(apiUrl: string) {
    this.#apiUrl = apiUrl;
  }

  /** @param login sent as `X-Organisation` */
  call(login: string, request: ModelRequest): Promise<ApiResponse> {
    const { method, path, query = {}, headers = {}, body } = toWire(request);
    const parameters = new URLSearchParams(query).toString();
    const url = `${this.#apiUrl}${path}${parameters === '' ? '' : `?${parameters}`}`;
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
