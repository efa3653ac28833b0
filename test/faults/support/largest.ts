import { deploymentBody } from '../../support/deployments.js';

/**
 * Characters of which texts can be made: of a byte each; of four bytes, and two units of JavaScript's; and of
 * six bytes in JSON, which is one unit.
 */
const characters = { ascii: 'x', emoji: '\u{1F680}', control: '\u0001' };

export type Filling = keyof typeof characters;
export const fillings = Object.keys(characters) as Filling[];

/** What `BODY_LIMIT_BYTES` is unless it is set. */
const bodyLimit = 102_400;

/** The body of a registration that fills each field as far as the contract and the limit of bodies allow. */
export function largestBody(filling: Filling, fields: { version?: string } = {}): string {
  const one = characters[filling];
  const label = one.repeat(255);
  const uri = `https://example.com/${'x'.repeat(2_048 - 20)}`;
  const body = {
    ...deploymentBody(),
    ...(filling !== 'control' && { name: label, cloud_account_id: label, region: label }),
    ...(filling !== 'control' && { cell: label, resource: label }),
    description: one.repeat(4_096),
    notes: one.repeat(4_096),
    build_uri: uri,
    deployment_uri: uri,
    ...fields,
  };
  const left =
    bodyLimit - Buffer.byteLength(JSON.stringify({ ...body, pipeline_extra_params: '' }));
  const size = Buffer.byteLength(JSON.stringify(one)) - 2;
  const params = one.repeat(Math.min(16_384, Math.floor(left / size)));
  const text = JSON.stringify({ ...body, pipeline_extra_params: params });
  // What the contract does not count: space between the tokens.
  return text.slice(0, -1) + ' '.repeat(bodyLimit - Buffer.byteLength(text)) + '}';
}
