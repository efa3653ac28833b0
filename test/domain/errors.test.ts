import { expect } from 'chai';
import {
  contractViolation,
  deploymentNotFound,
  ApplicationError,
} from '../../src/domain/errors.js';

describe('refusal', () => {
  it('is an error with a code, and details when there are some', () => {
    const refusal = new ApplicationError('unavailable', 'Try again', { retryAfter: 5 });

    expect(refusal).to.be.instanceOf(Error);
    expect(refusal).to.include({
      name: 'ApplicationError',
      code: 'unavailable',
      message: 'Try again',
    });
    expect(refusal.details).to.deep.equal({ retryAfter: 5 });
    expect(new ApplicationError('forbidden', 'No').details).to.deep.equal({});
  });

  it('keeps what lies behind it away from its message', () => {
    const cause = new Error('SELECT secret');
    const refusal = new ApplicationError('unavailable', 'Try again', { cause });

    expect(refusal.cause).to.equal(cause);
    expect(refusal.message).to.equal('Try again');
    expect(new ApplicationError('forbidden', 'No')).not.to.have.own.property('cause');
  });

  it('names an unknown deployment by its id and tells nothing else', () => {
    expect(deploymentNotFound('some-id')).to.include({
      code: 'deployment-not-found',
      message: 'No deployment with id some-id',
    });
  });

  it('tells each violation of the contract, with its place', () => {
    const violations = [
      { pointer: '#/name', message: 'is required' },
      { parameter: 'limit', message: 'must be >= 1' },
    ];
    const refusal = contractViolation(violations);

    expect(refusal).to.include({
      code: 'contract-violation',
      message: '#/name is required; limit must be >= 1',
    });
    expect(refusal.details.violations).to.deep.equal(violations);
  });
});
