import { expect } from 'chai';
import { chooseRollback, judgeMove, lineageOf, olderScheduled, Refused } from './design.js';
import type { Entry } from './design.js';
import { ageOf, change, nobody, record } from './entry.js';
import { expectRefusal, parse, readDeployment, requireHeaders } from './response.js';
import type { ApiResponse, Deployment, DeploymentEvent, ModelRequest, PageEnd } from './request.js';

/** What may carry an `Idempotency-Key`. */
type Creating = Of<'create' | 'rollbackTaxonomy' | 'rollbackDeployment'>;
type Of<K extends ModelRequest['kind']> = Extract<ModelRequest, { kind: K }>;

/** What is remembered under an `Idempotency-Key`. */
interface Remembered {
  readonly request: ModelRequest;
  readonly content: string;
  readonly response: ApiResponse;
}

/** What one organisation has, as far as its callers can know. */
export class Queue {
  readonly login: string;
  /** Oldest first. */
  readonly entries: Entry[] = [];
  readonly remembered = new Map<string, Remembered>();
  /** Ends of pages that were not the last. */
  readonly pages: PageEnd[] = [];

  constructor(login: string) {
    this.login = login;
  }

  clone(): Queue {
    const copy = new Queue(this.login);
    copy.entries.push(...structuredClone(this.entries));
    for (const [key, response] of this.remembered) copy.remembered.set(key, response);
    copy.pages.push(...this.pages);
    return copy;
  }

  /**
   * Compares a response with what the design says to its request, and learns what only the service
   * can say: ids, instants, tags, cursors.
   *
   * @throws AssertionError when they differ
   */
  accept(request: ModelRequest, response: ApiResponse): void {
    try {
      this.#perform(request, response);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      expectRefusal(error, response);
    }
  }

  #perform(request: ModelRequest, response: ApiResponse): void {
    switch (request.kind) {
      case 'create':
        this.#create(request, response);
        break;
      case 'get':
        this.#get(request, response);
        break;
      case 'update':
        this.#update(request, response);
        break;
      case 'rollbackTaxonomy':
        this.#rollback(request, request.place, response);
        break;
      case 'rollbackDeployment':
        this.#rollback(request, this.find(request.id), response);
        break;
      case 'list':
        this.#list(request, response);
        break;
      case 'lineage': {
        const { deployment } = this.find(request.id);
        expect(response.status, response.text).to.equal(200);
        expect(parse(response)).to.deep.equal(lineageOf(this.entries, deployment));
        break;
      }
      case 'events': {
        const { events } = this.find(request.id);
        expect(response.status, response.text).to.equal(200);
        expect(parse(response)).to.deep.equal(events);
        break;
      }
    }
  }

  /** An entry by its id, whose letters may be of either case. */
  find(id: string): Entry {
    const wanted = id.toLowerCase();
    const entry = this.entries.find(({ deployment }) => deployment.id === wanted);
    if (entry === undefined) throw new Refused(404, 'deployment-not-found', wanted);
    return entry;
  }

  #create(request: Of<'create'>, response: ApiResponse): void {
    // Where a fault meets a key of another request, either may be told first; both change nothing.
    if (request.fault !== undefined) {
      const other = request.key !== undefined && this.remembered.has(request.key);
      const told = other && response.text.includes('idempotency-key-reused');
      if (told) throw new Refused(422, 'idempotency-key-reused');
      throw new Refused(422, 'contract-violation', request.fault);
    }
    if (this.#replays(request, request.body, response)) return;
    const { auto = true, ...fields } = request.body;
    this.#insert(request, request.body, response, {
      ...absent,
      ...fields,
      auto: auto === true,
      trigger: auto === true ? 'auto' : 'manual',
    });
  }

  #rollback(
    request: Exclude<Creating, { kind: 'create' }>,
    wanted: Parameters<typeof chooseRollback>[1],
    response: ApiResponse,
  ): void {
    const content =
      request.kind === 'rollbackTaxonomy'
        ? { ...request.place, target: request.target }
        : { id: request.id.toLowerCase(), target: request.target };
    if (this.#replays(request, content, response)) return;
    const { from, source } = chooseRollback(this.entries, wanted, request.target);
    this.#insert(request, content, response, {
      ...source,
      auto: false,
      trigger: 'rollback',
      deployment_uri: null,
      notes: `Rollback from ${from.version} (${from.id}) to ${source.version} (${source.id})`,
      source_deployment_id: source.id,
      rollback_from_deployment_id: from.id,
    });
  }

  /** Whether the response had to be, and is, the first one under the request's key. */
  #replays({ kind, key }: Creating, content: object, response: ApiResponse): boolean {
    const first = key === undefined ? undefined : this.remembered.get(key);
    if (first === undefined) return false;
    if (first.content !== contentOf(kind, content))
      throw new Refused(422, 'idempotency-key-reused');
    expect(response.status, response.text).to.equal(201);
    expect(response.text).to.equal(first.response.text);
    const { etag = '', location = '' } = first.response.headers;
    requireHeaders(response, { etag, location, 'idempotent-replayed': 'true' });
    return true;
  }

  #insert(
    request: Creating,
    content: object,
    response: ApiResponse,
    fields: Partial<Deployment>,
  ): void {
    expect(response.status, response.text).to.equal(201);
    const deployment = readDeployment(response);
    const { id, created_at: at } = deployment;
    expect(deployment).to.deep.equal({
      ...fields,
      organisation: this.login.toLowerCase(),
      status: 'scheduled',
      id,
      created_at: at,
      updated_at: at,
      created_by_repo: null,
      created_by_workflow: null,
      created_by_actor: null,
    });
    requireHeaders(response, {
      location: `/v1/deployments/${id}`,
      'idempotent-replayed': undefined,
    });
    expect(this.entries.map((entry) => entry.deployment.id)).not.to.include(id);
    const from = deployment.rollback_from_deployment_id;
    const event: DeploymentEvent = {
      ...nobody,
      occurred_at: at,
      from_status: null,
      to_status: 'scheduled',
      cause: from === null ? 'request' : 'rollback',
      cause_deployment_id: from,
    };
    const etag = response.headers.etag;
    this.entries.push({ deployment, etag, formerTags: [], everDeployed: false, events: [event] });
    this.entries.sort((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1));
    const { kind, key } = request;
    if (key === undefined) return;
    this.remembered.set(key, { request, content: contentOf(kind, content), response });
  }

  #get({ id, ifNoneMatch }: Of<'get'>, response: ApiResponse): void {
    const entry = this.find(id);
    this.#learnTag(entry, response);
    const unchanged = ifNoneMatch === '*' || tagsOf(ifNoneMatch, true).includes(entry.etag);
    expect(response.status, response.text).to.equal(unchanged ? 304 : 200);
    if (unchanged) expect(response.text).to.equal('');
    else expect(parse(response)).to.deep.equal(entry.deployment);
  }

  #learnTag(entry: Entry, { headers: { etag } }: ApiResponse): void {
    expect(etag).to.match(/^"[^"]+"$/);
    if (entry.etag !== undefined) expect(etag).to.equal(entry.etag);
    expect(entry.formerTags).not.to.include(etag);
    entry.etag = etag;
  }

  #update({ id, body, ifMatch }: Of<'update'>, response: ApiResponse): void {
    if (Object.keys(body).length === 0) throw new Refused(400, 'nothing-to-update', 'No fields');
    const entry = this.find(id);
    const { deployment } = entry;
    if (ifMatch !== undefined && ifMatch !== '*') {
      // Whoever sends a tag has seen it; one that is not known here was changed since by an auto-skip.
      if (entry.etag === undefined || !tagsOf(ifMatch, false).includes(entry.etag)) {
        this.#learnTag(entry, response);
        throw new Refused(412, 'precondition-failed', entry.etag ?? '');
      }
    }
    const moves = judgeMove(deployment.status, body.status ?? deployment.status);
    expect(response.status, response.text).to.equal(200);
    const wanted = { ...deployment, ...body };
    if (sameFields(wanted, deployment)) {
      this.#learnTag(entry, response);
      expect(parse(response)).to.deep.equal(deployment);
      return;
    }
    const { updated_at: at } = readDeployment(response);
    expect(at >= deployment.updated_at, `${at} is before ${deployment.updated_at}`).to.equal(true);
    const skipped = moves && body.status === 'deployed' ? olderScheduled(this.entries, entry) : [];
    change(entry, { ...body, updated_at: at });
    expect(parse(response)).to.deep.equal(entry.deployment);
    this.#learnTag(entry, response);
    if (moves) record(entry, deployment.status, 'request', null);
    for (const older of skipped) {
      change(older, { status: 'skipped', updated_at: at });
      record(older, 'scheduled', 'auto_skip', id.toLowerCase());
    }
  }

  #list({ filter, limit = 100, after }: Of<'list'>, response: ApiResponse): void {
    if (after !== undefined && (after.login !== this.login || !sameFields(after.filter, filter))) {
      throw new Refused(422, 'contract-violation', 'cursor', 'belongs to another list');
    }
    const all = this.entries.map(({ deployment }) => deployment);
    const older =
      after === undefined ? all : all.slice(0, all.indexOf(this.find(after.id).deployment));
    const matching = older.filter((deployment) =>
      sameFields({ ...deployment, ...filter }, deployment),
    );
    const page = matching.reverse().slice(0, limit);
    expect(response.status, response.text).to.equal(200);
    expect(parse(response)).to.deep.equal(page);

    const last = page.at(-1);
    const link = String(response.headers['link']);
    const next = /^<\/v1\/deployments\?(.*)>; rel="next"$/.exec(link)?.[1];
    expect(next !== undefined, `Link: ${link}`).to.equal(matching.length > limit);
    if (next === undefined || last === undefined) return;
    const { cursor, ...others } = Object.fromEntries(new URLSearchParams(next));
    expect(others).to.deep.equal({ ...filter, limit: String(limit) });
    this.pages.push({ cursor: cursor ?? '', login: this.login, filter, id: last.id });
  }
}

/** What a deployment has unless it is said. */
const absent = {
  cloud_account_id: null,
  region: null,
  cell: null,
  commit_sha: null,
  description: null,
  notes: null,
  build_uri: null,
  deployment_uri: null,
  resource: null,
  pipeline_extra_params: null,
  source_deployment_id: null,
  rollback_from_deployment_id: null,
};

function contentOf(kind: string, content: object): string {
  return JSON.stringify([kind, Object.entries(content).sort()]);
}

function sameFields(a: object, b: object): boolean {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
}

/** The tags of a list; a weak one counts only where the comparison is the weak one. */
function tagsOf(list: string | undefined, weak: boolean): (string | undefined)[] {
  return (list ?? '').split(', ').map((tag) => (weak && tag.startsWith('W/') ? tag.slice(2) : tag));
}
