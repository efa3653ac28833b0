/** A selector as deployments are stored: the case of an environment does not matter. */
export function inLowerCase<Selector extends { readonly environment?: string }>(
  selector: Selector,
): Selector {
  const { environment } = selector;
  return environment === undefined
    ? selector
    : { ...selector, environment: environment.toLowerCase() };
}
