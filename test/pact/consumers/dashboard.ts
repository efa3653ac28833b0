import type { components } from '../../../generated/openapi.js';
import { call } from './http.js';
import type { Access, Part } from './http.js';

/** What the dashboard shows of a deployment. */
export type Row = Part<
  'id' | 'name' | 'version' | 'environment' | 'status' | 'created_at' | 'deployed_at'
>;

/** A page of rows, and where the next one is. */
export interface Page {
  readonly rows: Row[];
  readonly next: string | undefined;
}

type Event = components['schemas']['DeploymentEvent'];
type Happened = Pick<
  Event,
  'revision' | 'from_status' | 'to_status' | 'changed' | 'cause' | 'reason'
>;
interface LineageRows {
  readonly copied_from: Row[];
  readonly replaced: Row[];
  readonly more: Readonly<Record<'copied_from' | 'replaced', boolean>>;
}

function inWords({ revision, from_status, to_status, changed, cause }: Happened): string {
  return `${revision}. ${from_status ?? 'new'} to ${to_status}: ${cause} (${changed.join(', ')})`;
}

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

  /** What is over, and did not come to anything. */
  async over(): Promise<Row[]> {
    return (await this.page('/v1/deployments?status=failed&status=cancelled')).rows;
  }

  async page(path: string): Promise<Page> {
    const { body, headers } = await call(this.#access, 'GET', path);
    const [, next] = /^<(.*)>; rel="next"$/.exec(headers.get('link') ?? '') ?? [];
    return { rows: body as Row[], next };
  }

  /** The versions that a deployment was copied from and replaced, and whether there are more. */
  async origin(id: string): Promise<{ copiedFrom: string[]; replaced: string[]; more: boolean }> {
    const { body } = await call(this.#access, 'GET', `/v1/deployments/${id}/lineage`);
    const { copied_from, replaced, more } = body as LineageRows;
    const versions = (rows: Row[]) => rows.map(({ version }) => version);
    return {
      copiedFrom: versions(copied_from),
      replaced: versions(replaced),
      more: more.copied_from || more.replaced,
    };
  }

  /** The first two things that happened to a deployment, in words, and where the next ones are. */
  async history(
    path: string,
  ): Promise<{ readonly lines: string[]; readonly next: string | undefined }> {
    const { body, headers } = await call(this.#access, 'GET', path);
    const [, next] = /^<(.*)>; rel="next"$/.exec(headers.get('link') ?? '') ?? [];
    return { lines: (body as Happened[]).map(inWords), next };
  }
}
