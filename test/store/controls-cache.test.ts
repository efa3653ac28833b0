import { expect } from 'chai';
import { noControls } from '../../src/domain/controls/controls.js';
import type { Controls } from '../../src/domain/controls/controls.js';
import { controlsText, createControlsCache } from '../../src/store/controls-cache.js';

const freeze: Controls['freezes'][number] = {
  gate: {
    id: '019b8d20-1c00-7f3a-9b41-5e6f70819203',
    scope: {},
    reason: 'holidays',
    allow: ['rollback'],
    time_zone: 'Europe/Berlin',
    starts: '2026-12-23T18:00',
    ends: '2027-01-07T08:00',
    rrule: null,
    created_at: '2026-01-05T09:00:00.000Z',
    created_by_actor: 'mona',
    created_by_repo: null,
    created_by_workflow: null,
  },
  request: null,
};
const at = (revision: number) => ({ revision, changedAt: `2026-01-05T09:00:0${revision}.000Z` });

describe('the cache of controls', () => {
  it('gives the same object for as long as nothing has changed', () => {
    const cache = createControlsCache();
    const first = cache.get('acme', at(1), () => '[]');
    expect(first).to.deep.equal({ ...noControls, ...at(1) });
    expect(cache.get('acme', at(1), () => expect.fail('it is known'))).to.equal(first);
    expect(cache.get('acme', at(2), () => '[]')).not.to.equal(first);
  });

  it('keeps a freeze the same object whatever else changes, as its calendar is remembered by it', () => {
    const cache = createControlsCache();
    const text = controlsText({ ...noControls, freezes: [freeze] });
    const first = cache.get('acme', at(1), () => text);
    const second = cache.get('acme', at(2), () => text);
    expect(second).not.to.equal(first);
    expect(second.freezes[0]).to.equal(first.freezes[0]);
    expect(cache.get('other', at(2), () => text).freezes[0]).to.deep.equal(freeze);
  });

  it('writes policies alone as versions of before gates read them', () => {
    expect(controlsText(noControls)).to.equal('[]');
    expect(JSON.parse(controlsText({ ...noControls, freezes: [freeze] }))).to.have.all.keys(
      'policies',
      'locks',
      'freezes',
      'calendars',
    );
  });
});
