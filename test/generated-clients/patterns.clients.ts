import { expect } from 'chai';
import { loadContract } from '../../src/contract/contract.js';
import { everySchema } from '../contract/schemas.js';
import { engines } from './support/engines.js';
import { ToolMissing } from './support/tools.js';

const patterns = [
  ...new Set(everySchema(loadContract().document()).flatMap(({ pattern }) => pattern ?? [])),
];

/** What one engine could take for something else than another. */
const tried = [
  [' ', '-', '_', '.', '~', '!', '*', '/', ',', '"', '\\', '[', '&&', '--'],
  ['\u0000', '\u0001', '\t', '\n', '\r\n', '\u007f', '\u0085', '\u2028', '\ufeff'],
  ['é', 'Å', 'ａ', '١', '😀', 'W/"1-x"', '"1-x"', '"a" , W/"b"', '"a",'],
].flat();

/** Each of it alone and in a text, and texts of the lengths about the limits. */
const texts = [
  ...['', 'a', 'a-b', 'A-9_z', 'w/"1-x"', '""', '"a","b"', '*,*'],
  ...tried.flatMap((each) => [each, `a${each}`, `${each}a`, `a${each}a`]),
  ...[38, 39, 40, 254, 255, 256].map((length) => 'a'.repeat(length)),
];

describe('the patterns of the contract', function () {
  // Tools are fetched and built, on a machine that may have other work.
  this.timeout(600_000);

  for (const engine of engines) {
    it(`mean to ${engine.name} what they mean to ECMAScript`, function () {
      const compared = texts.filter((text) => engine.endsAtTheEnd || !text.endsWith('\n'));
      const expected = patterns.map((pattern) =>
        compared.map((text) => new RegExp(pattern, 'u').test(text)),
      );
      let matched: unknown;
      try {
        matched = engine.match({ patterns, texts: compared });
      } catch (error) {
        if (!(error instanceof ToolMissing)) throw error;
        console.error(`SKIPPED patterns in ${engine.name}, nothing was run: ${error.message}`);
        this.skip();
      }
      expect(matched).to.deep.equal(expected);
    });
  }
});
