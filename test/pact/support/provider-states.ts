import { randomBytes } from 'node:crypto';
import type { Deployment } from '../../../src/domain/deployments/deployment.js';
import type { AuthenticatedService } from '../../support/authenticated-service.js';
import { send } from '../../support/authenticated-service.js';
import { deploymentBody } from '../../support/deployments.js';

/** A state's values, which a pact puts into its requests. */
type Values = Record<string, string>;

/** Brings the service into the states that pacts name, each in an organisation of its own. */
export class ProviderStates {
  readonly #running: AuthenticatedService;
  #token = '';

  constructor(running: AuthenticatedService) {
    this.#running = running;
  }

  /** The token of a job of the present state's organisation. */
  get token(): string {
    return this.#token;
  }

  /** What each state does, by its name. */
  handlers(): Record<string, () => Promise<Values>> {
    const states: Record<string, () => Promise<Values>> = {
      'nothing is registered': () => Promise.resolve({}),
      'version 1.4.0 is scheduled': async () => ({ id: (await this.#release('1.4.0')).id }),
      'version 1.4.0 is skipped': async () => ({
        id: (await this.#release('1.4.0', 'skipped')).id,
      }),
      'version 1.4.0 is cancelled': async () => ({
        id: (await this.#release('1.4.0', 'cancelled')).id,
      }),
      'version 1.4.0 has three events': async () => {
        const { id } = await this.#release('1.4.0');
        const path = `/v1/deployments/${id}`;
        await this.#call('patch', path, { notes: 'Careful' });
        await this.#call('patch', path, { status: 'skipped' });
        return { id, cursor: await this.#nextPage(`${path}/events?limit=2`) };
      },
      'version 1.3.0 was deployed before 1.4.0': async () => {
        await this.#release('1.3.0', 'deployed');
        await this.#release('1.4.0', 'deployed');
        return {};
      },
      'version 1.4.0 is being rolled back to 1.3.0': async () => {
        await this.#release('1.3.0', 'deployed');
        const { id } = await this.#release('1.4.0', 'deployed');
        return { id: (await this.#call('post', `/v1/deployments/${id}/rollback`)).body.id };
      },
      'three versions are scheduled': async () => {
        for (const version of ['1.2.0', '1.3.0', '1.4.0']) await this.#release(version);
        const page = '/v1/deployments?environment=production&status=scheduled&limit=2';
        return { cursor: await this.#nextPage(page) };
      },
    };
    return Object.fromEntries(
      Object.entries(states).map(([name, enter]) => [
        name,
        () => {
          const repository_owner = `org-${randomBytes(6).toString('hex')}`;
          this.#token = this.#running.issuer.sign({ repository_owner });
          return enter();
        },
      ]),
    );
  }

  async #release(version: string, status?: Deployment['status']): Promise<Deployment> {
    const { body } = await this.#call('post', '/v1/deployments', deploymentBody({ version }));
    const { id } = body as Deployment;
    if (status !== undefined) await this.#call('patch', `/v1/deployments/${id}`, { status });
    return body as Deployment;
  }

  /** The cursor of the page after one. */
  async #nextPage(path: string): Promise<string> {
    const { headers } = await this.#call('get', path);
    const [, next = ''] = /^<(.*)>/.exec(headers['link'] ?? '') ?? [];
    return new URL(next, 'http://localhost').searchParams.get('cursor') ?? '';
  }

  async #call(method: 'get' | 'post' | 'patch', path: string, body?: object) {
    const request = send(this.#running.service, { token: this.#token }, method, path);
    return (body === undefined ? request : request.send(body)).expect((response) => {
      if (!response.ok) throw new Error(`The state was not reached: ${response.text}`);
    });
  }
}
