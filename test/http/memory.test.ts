import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { boundMemory } from '../../src/http/memory.js';
import { HttpError } from '../../src/http/problem.js';

/** A response whose connection can end. */
class Connection extends EventEmitter {
  destroyed = false;
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

const total = 1_000;

function start() {
  let refused = 0;
  const memory = boundMemory({ requestRefused: () => (refused += 1) }, total);
  const opened = (organisation: string, bytes: number, anyway = false) => {
    const connection = new Connection();
    const res = connection as unknown as ServerResponse;
    memory[anyway ? 'holdAnyway' : 'hold'](res, organisation, bytes);
    return { connection, res };
  };
  const refuses = (organisation: string, bytes: number) => {
    expect(() => opened(organisation, bytes))
      .to.throw(HttpError, new RegExp(`^Requests of the organisation ${organisation} hold as much`))
      .and.include({ code: 'overloaded' })
      .and.property('headers')
      .deep.equal({ 'Retry-After': '1' });
  };
  return { memory, opened, refuses, refused: () => refused };
}

describe('the memory that requests hold', () => {
  it('is at most half of all for an organisation', () => {
    const { opened, refuses, refused } = start();
    opened('acme', 300);
    opened('acme', 200);
    refuses('acme', 1);
    expect(refused()).to.equal(1);
    opened('globex', 500);
  });

  it('is enough for one request, however large that may become', () => {
    const { opened, refuses } = start();
    const { connection } = opened('acme', 5_000);
    refuses('acme', 1);
    opened('globex', 500);
    connection.destroy();
    opened('acme', 5_000);
  });

  it('is given back when the response is out or the connection ends, once', () => {
    const { memory, opened, refuses } = start();
    const { connection, res } = opened('acme', 500);
    memory.release(res);
    connection.destroy();
    const second = opened('acme', 500);
    refuses('acme', 1);
    second.connection.destroy();
    opened('acme', 500);
  });

  it('counts a body and the response to it together', () => {
    const { memory, opened, refuses } = start();
    const { res, connection } = opened('acme', 200);
    memory.hold(res, 'acme', 200);
    refuses('acme', 201);
    connection.destroy();
    opened('acme', 500);
  });

  it('is left to whoever comes next, as much as each of those before has', () => {
    const { opened, refuses } = start();
    opened('acme', 250);
    opened('globex', 250);
    opened('acme', 80);
    refuses('acme', 100);
    opened('globex', 80);
    refuses('globex', 20);
    opened('initech', 340);
    refuses('initech', 1);
    refuses('acme', 1);
  });

  it('may be exceeded by what is there already, and is full then', () => {
    const { opened, refuses } = start();
    opened('acme', 5_000, true);
    refuses('acme', 1);
  });
});
