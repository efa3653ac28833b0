import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { messagesOf } from '../../src/http/express-prototypes.js';

describe('the messages of an Express app', () => {
  it('are made as Express wants them, so that it exchanges no prototype', async () => {
    const app = express();
    const messages = messagesOf(app);
    const prototypes: object[][] = [];
    const look = (...pair: object[]) =>
      prototypes.push(pair.map((message) => Object.getPrototypeOf(message) as object));
    app.use((req, res) => {
      look(req, res);
      res.status(201).json({ named: req.get('x-named'), asked: req.query });
    });
    const server = createServer(messages, (req, res) => {
      look(req, res);
      app(req, res);
    }).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const headers = { 'x-named': 'by its caller' };
      const answer = await fetch(`http://127.0.0.1:${port}/?of=acme`, { headers });

      expect(answer.status).to.equal(201);
      expect(await answer.json()).to.deep.equal({ named: 'by its caller', asked: { of: 'acme' } });
      const [born, used] = prototypes;
      expect(used?.[0] === born?.[0], 'that of the request').to.be.true;
      expect(used?.[1] === born?.[1], 'that of the response').to.be.true;
    } finally {
      server.close();
    }
  });

  it("are Node's own for a listener that is no Express app", () => {
    expect(messagesOf(() => undefined)).to.deep.equal({});
  });
});
