import { expect } from 'chai';
import { create, rollback } from './creation.js';
import type { Remembered } from './creation.js';
import { lineageOf, Refused } from './design.js';
import type { Entry } from './design.js';
import { listPage } from './pages.js';
import type { ApiResponse, ModelRequest, PageEnd } from './request.js';
import { expectRefusal, parse } from './response.js';
import { get, update } from './state.js';

/** What one organisation has, as far as its callers can know. */
export class Queue {
  readonly login: string;
  /** Oldest first. */
  readonly entries: Entry[] = [];
  /** By `Idempotency-Key`. */
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
        create(this, request, response);
        break;
      case 'get':
        get(this.find(request.id), request, response);
        break;
      case 'update':
        update(this, request, response);
        break;
      case 'rollbackTaxonomy':
      case 'rollbackDeployment':
        rollback(this, request, response);
        break;
      case 'list':
      case 'events':
        listPage(this, request, response);
        break;
      case 'lineage': {
        const { deployment } = this.find(request.id);
        expect(response.status, response.text).to.equal(200);
        expect(parse(response)).to.deep.equal(lineageOf(this.entries, deployment));
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
}
