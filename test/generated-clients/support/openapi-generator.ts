import { openApiGenerator, run } from './tools.js';

/**
 * Generates a client by openapi-generator, as docs/GENERATED_CLIENTS.md says.
 *
 * @param language openapi-generator's name of it
 * @param options of that language
 * @throws ToolMissing
 */
export async function generate(
  language: string,
  contract: string,
  output: string,
  options: Readonly<Record<string, string>>,
): Promise<void> {
  const properties = { ...openResponses, ...options };
  await run('java', [
    ...['-jar', await openApiGenerator(), 'generate'],
    ...['-g', language, '-i', contract, '-o', output],
    ...Object.entries(properties).map(
      ([name, value]) => `--additional-properties=${name}=${value}`,
    ),
    ...['--global-property', 'apiDocs=false,modelDocs=false,apiTests=false,modelTests=false'],
  ]);
}

/** Lets the client take fields and values that the contract does not have. */
export const openResponses = {
  disallowAdditionalPropertiesIfNotPresent: 'false',
  enumUnknownDefaultCase: 'true',
};
