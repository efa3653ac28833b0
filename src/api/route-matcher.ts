import type { Contract } from '../contract.js';

/** Where a request goes, as far as its path says. */
export interface Route {
  /** The contract's path template. */
  readonly template: string;
  /** The operation, when the path has one for the method. */
  readonly operationId: string | undefined;
}

/**
 * Names the contract's path and operation of a request, for metrics and logs: these are needed
 * also of requests that are refused before they are validated.
 */
export function createRouteMatcher(
  contract: Contract,
): (method: string, path: string) => Route | undefined {
  const templates = [...new Set(contract.operations.map(({ path }) => path))]
    // A fixed segment wins over a parameter: `/rollback` over `/{id}`.
    .sort((a, b) => a.split('{').length - b.split('{').length)
    .map((template) => ({
      template,
      pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
      operationIds: new Map(
        contract.operations
          .filter(({ path }) => path === template)
          .map(({ method, operationId }) => [method, operationId]),
      ),
    }));

  return (method, path) => {
    const match = templates.find(({ pattern }) => pattern.test(path));
    return match && { template: match.template, operationId: match.operationIds.get(method) };
  };
}
