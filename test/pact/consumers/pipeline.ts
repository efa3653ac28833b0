import { call } from './http.js';
import type { Access, Part } from './http.js';

/** What the pipeline reads of a deployment. */
export type Release = Part<
  'id' | 'version' | 'environment' | 'status' | 'trigger' | 'started_at' | 'notes'
>;

/** A pipeline that releases `checkout` to production: it registers, moves on, calls off and rolls back. */
export class Pipeline {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  async register(version: string, run: string): Promise<Release & { location: string | null }> {
    const { body, headers } = await call(this.#access, 'POST', '/v1/deployments', {
      'Idempotency-Key': run,
      body: { name: 'checkout', version, environment: 'production', provider: 'gcp', type: 'k8s' },
    });
    return { ...(body as Release), location: headers.get('location') };
  }

  async get(id: string): Promise<Release> {
    return (await call(this.#access, 'GET', `/v1/deployments/${id}`)).body as Release;
  }

  async move(id: string, status: Release['status']): Promise<Release> {
    const { body } = await call(this.#access, 'PATCH', `/v1/deployments/${id}`, {
      body: { status },
    });
    return body as Release;
  }

  /** @param reason why; left out, the request has no body */
  async rollBack(run: string, reason?: string): Promise<Release> {
    const place = new URLSearchParams({
      name: 'checkout',
      environment: 'production',
      provider: 'gcp',
    });
    const path = `/v1/deployments/rollback?${place.toString()}`;
    const { body } = await call(this.#access, 'POST', path, {
      'Idempotency-Key': run,
      ...(reason !== undefined && { body: { reason } }),
    });
    return body as Release;
  }
}
