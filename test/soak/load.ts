import { Agent, request as open } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../support/random.js';

/** A caller: how to authenticate now, and what it has registered lately. */
export interface Caller {
  /** Headers of a request that is sent now; tokens are renewed as time goes by. */
  credentials(): Readonly<Record<string, string>>;
  readonly ids: string[];
}

/** What a load did. */
export interface LoadReport {
  readonly requests: number;
  readonly writes: number;
  /** How often each status was answered. */
  readonly statuses: Readonly<Record<number, number>>;
  /** How many answers were not what their request must have, or did not come. */
  readonly unexpected: number;
  /** The first of them. */
  readonly examples: readonly string[];
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly expected: readonly number[];
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A token that nobody has signed. */
const forged = () => `eyJhbGciOiJSUzI1NiJ9.e30.${Date.now()}`;

const base = '/v1/deployments';
/** How many ids a caller remembers: old ones fall out, so that its reads are of recent ones. */
const remembered = 50;
/** Connections, each used in turn, so that none is ever idle for long and closed. */
const connections = 16;
/** More requests than these are never under way at once: a service that is slow is not drowned. */
const maxAtOnce = 64;

/** Loads a service with a mix of calls until it is told to stop. */
export class Load {
  readonly #apiUrl: string;
  readonly #callers: readonly Caller[];
  readonly #random = new Random(1);
  readonly #agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' });
  readonly #statuses: Record<number, number> = {};
  readonly #examples: string[] = [];
  #unexpected = 0;
  #requests = 0;
  #writes = 0;
  #under = 0;
  #stopped = false;

  constructor(apiUrl: string, callers: readonly Caller[]) {
    this.#apiUrl = apiUrl;
    this.#callers = callers;
  }

  /** @param rate requests a second, as far as the service keeps up */
  async run(rate: number): Promise<void> {
    let due = performance.now();
    while (!this.#stopped) {
      await sleep(10);
      const now = performance.now();
      for (; due < now; due += 1000 / rate) {
        // What cannot be sent now is left out, not made up for.
        if (this.#under < maxAtOnce) void this.#one();
      }
    }
  }

  async stop(): Promise<LoadReport> {
    this.#stopped = true;
    while (this.#under > 0) await sleep(10);
    this.#agent.destroy();
    return {
      requests: this.#requests,
      writes: this.#writes,
      statuses: this.#statuses,
      unexpected: this.#unexpected,
      examples: this.#examples,
    };
  }

  async #one(): Promise<void> {
    this.#under += 1;
    const caller = this.#random.pick(this.#callers);
    const call = this.#random.next() < 0.2 ? this.#write(caller) : this.#read(caller);
    this.#requests += 1;
    if (call.method !== 'GET') this.#writes += 1;
    try {
      const { status, text } = await this.#send(call, caller.credentials());
      this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
      if (!call.expected.includes(status)) {
        this.#report(`${call.method} ${call.path} answered ${status}: ${text}`);
      }
      if (status === 201) {
        caller.ids.push((JSON.parse(text) as { id: string }).id);
        if (caller.ids.length > remembered) caller.ids.shift();
      }
    } catch (error) {
      this.#report(`${call.method} ${call.path}: ${String(error)}`);
    } finally {
      this.#under -= 1;
    }
  }

  #report(unexpected: string): void {
    this.#unexpected += 1;
    if (this.#examples.length < 20) this.#examples.push(unexpected);
  }

  #write({ ids }: Caller): Call {
    const body = {
      name: this.#random.pick(['checkout', 'search', 'mail']),
      version: `1.${Math.floor(this.#random.next() * 20)}.0`,
      environment: this.#random.pick(['production', 'staging']),
      provider: 'gcp',
      type: 'k8s',
      notes: 'Watch the error rate for ten minutes',
    };
    const create: Call = {
      method: 'POST',
      path: base,
      expected: [201],
      body: JSON.stringify(body),
      headers: { 'Idempotency-Key': `${Date.now()}-${this.#random.next()}` },
    };
    if (ids.length === 0) return create;
    const id = this.#random.pick(ids);
    const status = this.#random.pick([
      ...['in_progress', 'deployed', 'deployed', 'failed', 'cancelled'],
    ]);
    const { name, environment } = body;
    const place = new URLSearchParams({ name, environment, provider: 'gcp' }).toString();
    return this.#random.pick<Call>([
      create,
      create,
      create,
      {
        method: 'PATCH',
        path: `${base}/${id}`,
        expected: [200, 409],
        body: JSON.stringify({ status }),
      },
      {
        method: 'PATCH',
        path: `${base}/${id}`,
        expected: [412],
        body: JSON.stringify({ notes: status }),
        headers: { 'If-Match': '"1-mk9m2qxc"' },
      },
      { method: 'POST', path: `${base}/rollback?${place}`, expected: [201, 404, 409] },
      { method: 'POST', path: `${base}/${id}/rollback`, expected: [201, 404, 409] },
      { method: 'POST', path: base, expected: [422], body: '{"name": ""}' },
      { method: 'POST', path: base, expected: [400], body: '{"name": ' },
    ]);
  }

  #read({ ids }: Caller): Call {
    const list = (query: string): Call => ({
      method: 'GET',
      path: `${base}?${query}`,
      expected: [200],
    });
    const lists = [
      list('limit=10'),
      list('limit=50&name=search'),
      list('status=deployed&limit=20'),
      list('status=scheduled&status=in_progress&limit=20'),
    ];
    if (ids.length === 0) return this.#random.pick(lists);
    const id = this.#random.pick(ids);
    const get = (path: string, ...expected: number[]): Call => ({ method: 'GET', path, expected });
    return this.#random.pick<Call>([
      ...lists,
      get(`${base}/${id}`, 200),
      get(`${base}/${id}`, 200),
      { ...get(`${base}/${id}`, 304), headers: { 'If-None-Match': '*' } },
      get(`${base}/${id}/events`, 200),
      get(`${base}/${id}/lineage`, 200),
      get(`${base}/01900000-0000-7000-8000-${Date.now().toString().slice(1)}`, 404),
      get(`${base}?limit=${Date.now()}`, 422),
      get(`/nothing/${Date.now()}`, 404),
      { ...get(base, 401), headers: { Authorization: `Bearer ${forged()}` } },
    ]);
  }

  #send(
    call: Call,
    credentials: Readonly<Record<string, string>>,
  ): Promise<{ status: number; text: string }> {
    const { method, path, body, headers = {} } = call;
    const all = {
      ...credentials,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const request = open(
        this.#apiUrl + path,
        { method, agent: this.#agent, headers: all },
        (response) => {
          let text = '';
          response
            .setEncoding('utf8')
            .on('data', (chunk: string) => (text += chunk))
            .once('error', reject)
            .once('end', () => {
              resolve({ status: response.statusCode ?? 0, text });
            });
        },
      );
      request
        .once('error', (error: NodeJS.ErrnoException) => {
          // The server closed an idle connection just as it was used again: every client's to mend.
          if (request.reusedSocket && error.code === 'ECONNRESET')
            resolve(this.#send(call, credentials));
          else reject(error);
        })
        .end(body);
    });
  }
}
