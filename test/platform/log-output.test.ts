import { Writable } from 'node:stream';
import { expect } from 'chai';
import { gatherLines } from '../../src/platform/log-output.js';

/** A reader that takes what it is given once it is told to. */
class SlowReader extends Writable {
  text = '';
  #waiting: (() => void) | undefined;
  #reads = false;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    if (this.#reads) done();
    else this.#waiting = done;
  }

  read(): void {
    this.#reads = true;
    this.#waiting?.();
  }
}

const line = `${'x'.repeat(999)}\n`;

describe('the output of the log', () => {
  const told: number[] = [];
  let reader: SlowReader;
  beforeEach(() => {
    told.length = 0;
    reader = new SlowReader();
  });

  it('gathers lines, and writes all of them when it is asked to', async () => {
    reader.read();
    const output = gatherLines(reader, (lines) => told.push(lines));
    output.write('one\n');
    output.write('two\n');
    expect(reader.text).to.equal('');
    expect(await output.flush(1_000)).to.be.true;
    expect(reader.text).to.equal('one\ntwo\n');
    expect(told).to.be.empty;
  });

  it('waits no longer than it is told for a reader that takes nothing', async () => {
    const output = gatherLines(reader, (lines) => told.push(lines));
    output.write(line);
    expect(await output.flush(1)).to.be.false;
  });

  it('holds a few megabytes for such a reader, and says afterwards how many lines were lost', async () => {
    const output = gatherLines(reader, (lines) => told.push(lines));
    for (let count = 0; count < 10_000; count += 1) output.write(line);
    expect(reader.writableLength).to.be.within(4_000_000, 4_300_000);
    expect(told).to.be.empty;
    reader.read();
    expect(await output.flush(10_000)).to.be.true;
    output.write(line);
    expect(await output.flush(10_000)).to.be.true;
    expect(told).to.deep.equal([10_001 - reader.text.length / line.length]);
  });
});
