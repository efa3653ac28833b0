import type { Contract, ContractOperation } from '../contract/contract.js';

/** Where a request goes, as far as its path says. */
export interface Route {
  /** The contract's path template. */
  readonly template: string;
  /** The operation, when the path has one for the method. */
  readonly operation: ContractOperation | undefined;
  /** The methods that the path has. */
  readonly methods: readonly string[];
  /** The values of the path's parameters, percent-encoded as they were sent. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Finds the contract's path and operation of a request, once for all who need it: metrics and logs
 * name them also of requests that are refused before they are validated.
 */
export function createRouteMatcher(
  contract: Contract,
): (method: string, path: string) => Route | undefined {
  const templates = [...new Set(contract.operations.map(({ path }) => path))]
    // A fixed segment wins over a parameter: `/rollback` over `/{id}`.
    .sort((a, b) => a.split('{').length - b.split('{').length)
    .map((template) => {
      const operations = contract.operations.filter(({ path }) => path === template);
      return {
        template,
        pattern: new RegExp(`^${template.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}/?$`),
        byMethod: new Map(operations.map((operation) => [operation.method, operation])),
        methods: operations.map(({ method }) => method),
      };
    });

  return (method, path) => {
    for (const { template, pattern, byMethod, methods } of templates) {
      const match = pattern.exec(path);
      if (match === null) continue;
      return { template, operation: byMethod.get(method), methods, parameters: match.groups ?? {} };
    }
    return undefined;
  };
}
