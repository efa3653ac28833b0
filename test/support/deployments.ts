import type { Deployment, DeploymentCreate } from '../../src/domain/deployments/deployment.js';
import type { TestService } from './service.js';

/** What every deployment needs, with whatever differs. */
export function deploymentBody(fields: Partial<DeploymentCreate> = {}): DeploymentCreate {
  return {
    name: 'checkout',
    version: '1.0.0',
    environment: 'production',
    provider: 'gcp',
    type: 'k8s',
    ...fields,
  };
}

/** Calls a service as one organisation would, and expects each call to succeed. */
export class Tenant {
  readonly service: TestService;
  readonly organisation: string;

  constructor(service: TestService, organisation: string) {
    this.service = service;
    this.organisation = organisation;
  }

  /** Registers a deployment and, where asked to, moves it on to a status. */
  async create(
    fields: Partial<DeploymentCreate> = {},
    ...statuses: Deployment['status'][]
  ): Promise<Deployment> {
    const response = await this.service.api
      .post('/v1/deployments')
      .set('X-Organisation', this.organisation)
      .send(deploymentBody(fields))
      .expect(201);
    let deployment = response.body as Deployment;
    for (const status of statuses) deployment = await this.move(deployment.id, status);
    return deployment;
  }

  async move(id: string, status: Deployment['status']): Promise<Deployment> {
    const response = await this.service.api
      .patch(`/v1/deployments/${id}`)
      .set('X-Organisation', this.organisation)
      .send({ status })
      .expect(200);
    return response.body as Deployment;
  }

  async get(id: string): Promise<Deployment> {
    const response = await this.service.api
      .get(`/v1/deployments/${id}`)
      .set('X-Organisation', this.organisation)
      .expect(200);
    return response.body as Deployment;
  }

  async list(query: Record<string, string | number> = {}): Promise<Deployment[]> {
    const response = await this.service.api
      .get('/v1/deployments')
      .query(query)
      .set('X-Organisation', this.organisation)
      .expect(200);
    return response.body as Deployment[];
  }

  /** Rolls back `checkout` in `production`, unless the query says otherwise. */
  async rollback(query: Record<string, string> = {}): Promise<Deployment> {
    const response = await this.service.api
      .post('/v1/deployments/rollback')
      .query({ name: 'checkout', environment: 'production', provider: 'gcp', ...query })
      .set('X-Organisation', this.organisation)
      .expect(201);
    return response.body as Deployment;
  }
}
