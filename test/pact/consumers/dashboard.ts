import type { components } from '../../../generated/openapi.js';
import { call } from './http.js';
import type { Access, Part } from './http.js';

/** What the dashboard shows of a deployment. */
export type Row = Part<'id' | 'name' | 'version' | 'environment' | 'status' | 'created_at'>;

/** A page of rows, and where the next one is. */
export interface Page {
  readonly rows: Row[];
  readonly next: string | undefined;
}

type Event = components['schemas']['DeploymentEvent'];

/** A board that shows what waits, where a deployment came from and what happened to it. */
export class Dashboard {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  /** What waits for production, two at a time. */
  waiting(): Promise<Page> {
    return this.page('/v1/deployments?environment=production&status=scheduled&limit=2');
  }

  async page(path: string): Promise<Page> {
    const { body, headers } = await call(this.#access, 'GET', path);
    const [, next] = /^<(.*)>; rel="next"$/.exec(headers.get('link') ?? '') ?? [];
    return { rows: body as Row[], next };
  }

  /** The versions that a deployment was copied from and replaced. */
  async origin(id: string): Promise<{ copiedFrom: string[]; replaced: string[] }> {
    const { body } = await call(this.#access, 'GET', `/v1/deployments/${id}/lineage`);
    const { copied_from, replaced } = body as Record<'copied_from' | 'replaced', Row[]>;
    const versions = (rows: Row[]) => rows.map(({ version }) => version);
    return { copiedFrom: versions(copied_from), replaced: versions(replaced) };
  }

  /** What happened to a deployment, in words. */
  async history(id: string): Promise<string[]> {
    const { body } = await call(this.#access, 'GET', `/v1/deployments/${id}/events`);
    return (body as Pick<Event, 'from_status' | 'to_status' | 'cause'>[]).map(
      ({ from_status, to_status, cause }) => `${from_status ?? 'new'} to ${to_status}: ${cause}`,
    );
  }
}
