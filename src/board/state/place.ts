import type { CurrentState } from '../../client/contract.js';

/** What names one thing in one place of an organisation. */
export type Place = Pick<
  CurrentState,
  'name' | 'environment' | 'provider' | 'cloud_account_id' | 'region' | 'cell'
>;

/** Rows do not change, and are asked for theirs again and again. */
const known = new WeakMap<Place, string>();

/** The same for the same place, and for no other. */
export function placeKey(place: Place): string {
  let key = known.get(place);
  if (key === undefined) {
    const { name, environment, provider, cloud_account_id, region, cell } = place;
    key = JSON.stringify([name, environment, provider, cloud_account_id, region, cell]);
    known.set(place, key);
  }
  return key;
}

/** The place alone, of what says more. */
export function placeOf(of: Place): Place {
  const { name, environment, provider, cloud_account_id, region, cell } = of;
  return { name, environment, provider, cloud_account_id, region, cell };
}

/** The filters of a list that match a place. An absent part cannot be asked for, so they match others as well. */
export function filtersOf(place: Place): {
  readonly name: string;
  readonly environment: string;
  readonly provider: Place['provider'];
  readonly cloud_account_id?: string;
  readonly region?: string;
  readonly cell?: string;
} {
  const { name, environment, provider, cloud_account_id, region, cell } = place;
  return {
    name,
    environment,
    provider,
    ...(cloud_account_id !== null && { cloud_account_id }),
    ...(region !== null && { region }),
    ...(cell !== null && { cell }),
  };
}

/** A place in words: where something is, the name left out. */
export function whereIs({ environment, provider, cloud_account_id, region, cell }: Place): string {
  return [environment, provider, cloud_account_id, region, cell]
    .filter((part) => part !== null)
    .join(' · ');
}
