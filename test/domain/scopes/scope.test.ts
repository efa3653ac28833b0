import { expect } from 'chai';
import { compileScope, placeOf, scopeOf } from '../../../src/domain/scopes/scope.js';
import type { Place, Scope } from '../../../src/domain/scopes/scope.js';
import { storedDeployment } from '../../support/stored.js';

const place = (fields: Partial<Place> = {}): Place =>
  placeOf(storedDeployment(1, fields).deployment);

describe('a scope', () => {
  const places = [
    place(),
    place({ name: 'checkout-api', environment: 'staging' }),
    place({ region: 'europe-west1', cloud_account_id: 'acme-prod', cell: 'cell-1' }),
    place({ name: 'a*b|c', region: 'x?y' }),
  ];
  const table: readonly (readonly [Scope, readonly boolean[]])[] = [
    [{}, [true, true, true, true]],
    [{ name: 'checkout' }, [true, false, true, false]],
    [{ name: 'check*' }, [true, true, true, false]],
    [{ environment: 'PROD*' }, [true, false, true, true]],
    [{ environment: 'Staging', name: 'checkout-???' }, [false, true, false, false]],
    [{ region: null }, [true, true, false, false]],
    [{ region: 'europe-*', cell: 'cell-1' }, [false, false, true, false]],
    [{ cloud_account_id: 'acme-prod', provider: 'gcp' }, [false, false, true, false]],
    [{ provider: 'aws' }, [false, false, false, false]],
  ];
  for (const [scope, has] of table) {
    it(`${JSON.stringify(scope)} has the places that it names`, () => {
      expect(places.map(compileScope(scope))).to.deep.equal(has);
    });
  }

  it('of one place has it, and names all of its parts', () => {
    for (const one of places) expect(compileScope(scopeOf(one))(one)).to.equal(true);
    expect(scopeOf(place({ name: 'a*b|c', region: 'x?y' }))).to.deep.equal({
      name: 'a?b?c',
      environment: 'production',
      provider: 'gcp',
      cloud_account_id: null,
      region: 'x?y',
      cell: null,
    });
  });
});
