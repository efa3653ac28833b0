/** Fastify with what it is known for: validation and serialisation by the contract's schemas. */
import { fastify } from 'fastify';
import type { FastifySchema } from 'fastify';
import { loadContract } from '../../../src/contract/contract.js';
import { dereference } from '../../../src/contract/references.js';
import { openPlainStore } from '../plain-store.js';
import { announce, organisationOf, pathOf } from './contestant.js';

const store = openPlainStore(pathOf());
const app = fastify({ ajv: { customOptions: { strict: false } } });

const contract = loadContract().document();
/** A schema of the contract as JSON Schema, without references. */
const schema = (name: string): object =>
  dereference(contract, { $ref: `#/components/schemas/${name}` }) as object;

const deployment = schema('Deployment');
const label = schema('Label');
const params = { type: 'object', properties: { id: schema('DeploymentId') } };
const taxonomy = ['name', 'environment', 'provider', 'cloud_account_id', 'region', 'cell'];
const route = (parts: FastifySchema): { schema: FastifySchema } => ({ schema: parts });

app.get<{ Querystring: { limit: number } }>(
  '/v1/deployments',
  route({
    querystring: {
      type: 'object',
      additionalProperties: false,
      properties: { limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100 } },
    },
    response: { 200: { type: 'array', items: deployment } },
  }),
  (req) => store.list(organisationOf(req), req.query.limit),
);
app.get<{ Params: { id: string } }>(
  '/v1/deployments/:id',
  route({ params, response: { 200: deployment } }),
  (req) => store.get(organisationOf(req), req.params.id),
);
app.post<{ Body: Record<string, string> }>(
  '/v1/deployments',
  route({ body: schema('DeploymentCreate'), response: { 201: deployment } }),
  (req, reply) => reply.status(201).send(store.create(organisationOf(req), req.body)),
);
app.patch<{ Params: { id: string } }>(
  '/v1/deployments/:id',
  route({ params, body: schema('DeploymentUpdate'), response: { 200: deployment } }),
  (req) => store.deploy(organisationOf(req), req.params.id),
);
app.post<{ Querystring: Record<string, string> }>(
  '/v1/deployments/rollback',
  route({
    querystring: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(taxonomy.map((part) => [part, label])),
    },
    response: { 201: deployment },
  }),
  (req, reply) => reply.status(201).send(store.rollback(organisationOf(req), req.query)),
);

announce(app.server);
await app.listen({ port: 0, host: '127.0.0.1' });
