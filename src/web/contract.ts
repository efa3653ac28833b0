import { Router } from 'express';
import type { Contract } from '../contract/contract.js';

/** Serves the contract as it was written, and as JSON. */
export function serveContract(contract: Contract): Router {
  const json = JSON.stringify(contract.document());
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/openapi.yaml', (_req, res) => {
    // RFC 9512 registers the media type of YAML.
    res.type('application/yaml').send(contract.yaml);
  });
  router.get('/openapi.json', (_req, res) => {
    res.type('application/json').send(json);
  });
  return router;
}
