import { Router } from 'express';
import type { Contract } from '../contract/contract.js';

/**
 * Serves the contract as it was written, and as JSON. Its first server is then the one that serves it:
 * OpenAPI takes a relative URL for one that is relative to where the document is (3.1, section 4.8.5), so
 * what is told this address calls here.
 */
export function serveContract(contract: Contract): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const description = 'Where this document is served.';
  const document = contract.document();
  const servers = document['servers'] as readonly object[];

  const yamlAt = (url: string): string =>
    contract.yaml.replace(
      /^servers:\n/m,
      (key) => `${key}  - url: ${url}\n    description: ${description}\n`,
    );
  const jsonAt = (url: string): string =>
    JSON.stringify({ ...document, servers: [{ url, description }, ...servers] });

  const serve = (path: string, type: string, at: (url: string) => string): void => {
    const atRoot = at('/');
    router.get(path, (_req, res) => {
      const { prefix } = res.locals;
      res.type(type).send(prefix === undefined ? atRoot : at(prefix));
    });
  };
  // RFC 9512 registers the media type of YAML.
  serve('/openapi.yaml', 'application/yaml', yamlAt);
  serve('/openapi.json', 'application/json', jsonAt);
  return router;
}
