import { expect } from 'chai';
import { isLoopbackUrl } from '../../src/platform/loopback-url.js';
import { isLoopback } from '../../src/platform/loopback.js';

const table: [string, boolean][] = [
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['127.0.0.0', true],
  ['127.255.255.255', true],
  ['::1', true],
  ['0:0:0:0:0:0:0:1', true],
  ['::ffff:127.0.0.1', true],
  ['localhost', true],
  ['LOCALHOST', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['126.255.255.255', false],
  ['128.0.0.1', false],
  ['::2', false],
  ['::ffff:10.0.0.1', false],
  ['fe80::1', false],
  ['example.test', false],
  ['localhost.example.test', false],
  ['127.0.0.1.example.test', false],
  ['127.0.0.1:8000', false],
  ['[::1]', false],
  ['127.1', false],
  ['2130706433', false],
  [' 127.0.0.1', false],
  ['', false],
];

describe('loopback', () => {
  for (const [host, loopback] of table) {
    it(`${loopback ? 'is' : 'is not'} ${JSON.stringify(host)}`, () => {
      expect(isLoopback(host)).to.equal(loopback);
    });
  }

  for (const [url, loopback] of [
    ['http://localhost:8000/x', true],
    ['https://127.0.0.1', true],
    ['http://LOCALHOST', true],
    ['http://127.1', true],
    ['http://2130706433', true],
    ['http://[::1]:8000', true],
    ['http://[0:0:0:0:0:0:0:1]', true],
    ['http://[::ffff:127.8.8.8]', true],
    ['http://[::ffff:10.0.0.1]', false],
    ['http://[::ffff:7f00:1]', true],
    ['http://127.0.0.1.example.test', false],
    ['http://localhost.example.test', false],
    ['http://[::2]', false],
    ['https://example.test', false],
  ] as const) {
    it(`${loopback ? 'is' : 'is not'} where ${url} leads`, () => {
      expect(isLoopbackUrl(new URL(url))).to.equal(loopback);
    });
  }
});
