import { expect } from 'chai';
import {
  approvalInWords,
  askedOf,
  newestFirst,
  unapprovedAfter,
  unapprovedOf,
} from '../../src/board/state/approvals.js';
import { emptyBoard, reduce } from '../../src/board/state/board.js';
import type { FeedEvent } from '../../src/client/contract.js';
import { deployment } from './support/deployment.js';
import { ago, event } from './support/rows.js';

const approval = (actor: string | null, reason: string | null = null) => ({
  ...{ actor, reason, repository: null, approved_at: ago(1) },
});
const approved = (actor: string, id = 'd', fields: Partial<FeedEvent> = {}) =>
  event({
    ...{ deployment_id: id, from_status: 'scheduled', to_status: 'scheduled' },
    ...{ cause: 'approval', changed: ['approvals'], actor, occurred_at: ago(1) },
    ...fields,
  });
const waits = (required = 2) => unapprovedOf([deployment({ id: 'd' })], required);

describe('what waits for approval on the board', () => {
  it('is what is scheduled and has too few approvals, rollbacks excepted', () => {
    const found = unapprovedOf(
      [
        deployment({ id: 'none' }),
        deployment({ id: 'one', approvals: [approval('mona')] }),
        deployment({ id: 'two', approvals: [approval('mona'), approval('hubot')] }),
        deployment({ id: 'rollback', trigger: 'rollback' }),
        deployment({ id: 'failed', status: 'failed' }),
      ],
      2,
    );
    expect(found.map(({ deployment: { id }, required }) => [id, required])).to.deep.equal([
      ['none', 2],
      ['one', 2],
    ]);
  });

  it('has the newest first', () => {
    const found = newestFirst([
      ...unapprovedOf([deployment({ id: 'old', created_at: ago(9) })], 1),
      ...unapprovedOf([deployment({ id: 'new', created_at: ago(2) })], 1),
    ]);
    expect(found.map(({ deployment: { id } }) => id)).to.deep.equal(['new', 'old']);
  });

  it('keeps those who have approved, each once, until they are enough', () => {
    const [once] = unapprovedAfter(waits(), [approved('mona', 'd', { reason: 'Looked' })]);
    expect(once?.deployment.approvals).to.deep.equal([
      { ...approval('mona', 'Looked'), repository: 'acme/checkout' },
    ]);
    const [again] = unapprovedAfter(once === undefined ? [] : [once], [approved('MONA')]);
    expect(again?.deployment.approvals).to.have.length(1);
    expect(unapprovedAfter(waits(), [approved('mona'), approved('hubot')])).to.deep.equal([]);
  });

  it('is over once it is started, rejected or skipped', () => {
    for (const to_status of ['in_progress', 'cancelled', 'skipped', 'deployed'] as const) {
      const moved = event({ deployment_id: 'd', from_status: 'scheduled', to_status });
      expect(unapprovedAfter(waits(), [moved]), to_status).to.deep.equal([]);
    }
  });

  it('stays what it is when something else happens, to it or to another', () => {
    const before = waits();
    expect(unapprovedAfter(before, [approved('mona', 'other')])).to.equal(before);
    const noted = approved('mona', 'd', { cause: 'request', changed: ['notes'] });
    expect(unapprovedAfter(before, [noted])).to.deep.equal(before);
  });

  it('follows the events that the board hears', () => {
    const before = reduce(emptyBoard, { type: 'unapproved', unapproved: waits(1) });
    const after = reduce(before, { type: 'events', events: [approved('mona')] });
    expect(after.unapproved).to.deep.equal([]);
    expect(after.events).to.have.length(1);
  });

  it('says how many of how many have approved, and who', () => {
    const [none] = waits(1);
    const [one] = unapprovedAfter(waits(), [approved('mona')]);
    expect(none && askedOf(none, undefined)).to.deep.equal({
      ...{ count: '0 of 1 has approved', by: undefined, whyNot: undefined },
    });
    expect(one && askedOf(one, 'hubot')).to.deep.equal({
      ...{ count: '1 of 2 have approved', by: 'mona', whyNot: undefined },
    });
  });

  it('says that somebody else has to, to who registered it and to who has approved', () => {
    const [own] = waits(1);
    expect(own && askedOf(own, 'OctoCat').whyNot).to.match(/^You have registered it/);
    const [one] = unapprovedAfter(waits(), [approved('mona')]);
    expect(one && askedOf(one, 'Mona').whyNot).to.match(/^You have approved it/);
    const [job] = unapprovedOf([deployment({ created_by_actor: null })], 1);
    expect(job && askedOf(job, 'mona').whyNot).to.equal(undefined);
  });

  it('tells an approval with its reason, by its repository where it has no person', () => {
    expect(approvalInWords(approval('mona', 'Looked at it'))).to.equal('mona: Looked at it');
    expect(approvalInWords({ ...approval(null), repository: 'acme/qa' })).to.equal('acme/qa');
    expect(approvalInWords(approval(null))).to.equal('somebody');
  });
});
