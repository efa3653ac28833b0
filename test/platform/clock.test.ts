import { expect } from 'chai';
import { createClock } from '../../src/platform/clock.js';
import { until } from '../support/until.js';

/** RFC 9562, section 5.7, as text. */
const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

function instantIn(id: string): string {
  return new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toISOString();
}

describe('clock', () => {
  const machineNow = Date.now;

  afterEach(() => {
    Date.now = machineNow;
  });

  /** Sets the machine's clock back; never ahead, which the ids of later tests would keep. */
  function setBack(milliseconds: number): void {
    Date.now = () => machineNow() - milliseconds;
  }

  it('tells the time in UTC with milliseconds', () => {
    const before = machineNow();
    const now = createClock().now();

    expect(now).to.match(instant);
    expect(Date.parse(now)).to.be.within(before, machineNow());
  });

  it('gives ids of UUID version 7 with the instant of the newIdentity in them', () => {
    const clock = createClock();
    const before = machineNow();

    for (let count = 0; count < 1000; count++) {
      const { id, at } = clock.newIdentity();
      expect(id).to.match(uuidV7);
      expect(at).to.match(instant).and.to.equal(instantIn(id));
      expect(Date.parse(at)).to.be.within(before, machineNow());
    }
  });

  it('gives 10,000 identities in strictly ascending order', () => {
    const clock = createClock();
    const identities = Array.from({ length: 10_000 }, () => clock.newIdentity());

    for (const [index, { id, at }] of identities.entries()) {
      const next = identities[index + 1];
      if (next === undefined) continue;
      expect(id < next.id, `${id} before ${next.id}`).to.equal(true);
      expect(at <= next.at, `${at} before ${next.at}`).to.equal(true);
    }
  });

  it('stands still while the clock of the machine is set back, and then goes on', async () => {
    const clock = createClock();
    const before = clock.now();

    setBack(3_600_000);
    expect(clock.now()).to.equal(before);
    expect(clock.now()).to.equal(before);

    Date.now = machineNow;
    await until('the clock has gone on', () => machineNow() > Date.parse(before));
    expect(clock.now() > before).to.equal(true);
  });

  it('gives identities in ascending order while the clock of the machine is set back', () => {
    const clock = createClock();
    const identities = [clock.newIdentity()];
    for (const milliseconds of [1, 1000, 3_600_000, 10]) {
      setBack(milliseconds);
      identities.push(clock.newIdentity(), clock.newIdentity());
    }

    const ids = identities.map(({ id }) => id);
    expect(ids).to.deep.equal(ids.toSorted());
    expect(new Set(ids).size).to.equal(ids.length);
    const instants = identities.map(({ at }) => at);
    expect(instants).to.deep.equal(instants.toSorted());
  });

  it('gives identities in ascending order however many come while it stands still', () => {
    const stopped = machineNow() - 1000;
    Date.now = () => stopped;
    const clock = createClock();
    // More than find room in one millisecond, some 100,000.
    let last = clock.newIdentity();
    for (let count = 0; count < 150_000; count += 1) {
      const next = clock.newIdentity();
      if (last.id >= next.id || last.at > next.at || next.at !== instantIn(next.id)) {
        expect.fail(`${last.at} ${last.id} before ${next.at} ${next.id}`);
      }
      last = next;
    }
    expect(Date.parse(last.at) - stopped).to.be.within(1, 10);
  });

  it('does not tell a time before the last newIdentity', () => {
    const clock = createClock();
    const { at } = clock.newIdentity();

    setBack(3_600_000);
    expect(clock.now() >= at).to.equal(true);
  });
});
