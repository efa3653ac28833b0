import { expect } from 'chai';
import { bindOperations, operations, streams } from '../../generated/client.js';
import type { OperationId, OperationInput } from '../../generated/client.js';
import { loadContract } from '../../src/contract/contract.js';

describe("the client's table of operations", () => {
  const contract = loadContract().operations;
  const described = [...Object.values(operations), ...Object.values(streams)];

  it('has each operation of the contract, with its method and path, and no other', () => {
    const table = described.map(({ operationId, method, path }) => ({
      operationId,
      method,
      path,
    }));
    const expected = contract.map(({ operationId, method, path }) => ({
      operationId,
      method,
      path,
    }));
    expect(table).to.have.deep.members(expected);
  });

  it('names every header that a caller may set, but for the organisation', () => {
    for (const { operationId, parameters } of contract) {
      const description = described.find((one) => one.operationId === operationId);
      const names = parameters
        .filter((parameter) => parameter.in === 'header' && parameter.name !== 'X-Organisation')
        .map(({ name }) => name);
      expect(Object.values(description?.headers ?? {})).to.have.members(names);
    }
  });

  it('makes of what a method takes a path, a query and a body', async () => {
    const inputs: [OperationId, OperationInput, object | undefined][] = [];
    const methods = bindOperations<object, Record<OperationId, undefined>>(
      (operation, input, options) => {
        inputs.push([operation.operationId, input, options]);
        return Promise.resolve(undefined);
      },
    );
    const options = { requestId: 'r' };
    const body = { notes: 'x' };
    await methods.updateDeployment('7', body, options);
    await methods.rollbackDeployment('7', { target_version: '1' });
    await methods.rollbackDeployment('7', undefined, { reason: 'Errors', ...options });
    await methods.rollbackDeployment('7', {}, { reason: undefined });
    await methods.listDeployments();
    expect(inputs).to.deep.equal([
      ['updateDeployment', { path: { id: '7' }, body }, options],
      [
        'rollbackDeployment',
        { path: { id: '7' }, query: { target_version: '1' }, body: undefined },
        undefined,
      ],
      [
        'rollbackDeployment',
        { path: { id: '7' }, query: undefined, body: { reason: 'Errors' } },
        { reason: 'Errors', ...options },
      ],
      [
        'rollbackDeployment',
        { path: { id: '7' }, query: {}, body: undefined },
        { reason: undefined },
      ],
      ['listDeployments', { path: {}, query: undefined }, undefined],
    ]);
  });
});
