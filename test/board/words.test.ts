import { expect } from 'chai';
import type { QueuePosition } from '../../src/client/contract.js';
import { runLink, webLink } from '../../src/board/state/links.js';
import { blockersOf, reasonFor } from '../../src/board/state/queue-words.js';
import { dayOf, tell } from '../../src/board/state/timeline.js';
import { counted, span, statusWord, whatHappened } from '../../src/board/state/words.js';
import type { FeedEvent } from '../../src/client/contract.js';
import { ago, event, now } from './support/rows.js';

describe('links of the board', () => {
  for (const [text, link] of [
    ['https://example.com/a?b#c', 'https://example.com/a?b#c'],
    ['http://example.com', 'http://example.com/'],
    ['HTTPS://example.com/', 'https://example.com/'],
    ['javascript:alert(1)', undefined],
    [' javascript:alert(1)', undefined],
    ['java\nscript:alert(1)', undefined],
    ['data:text/html,<script>', undefined],
    ['file:///etc/passwd', undefined],
    ['//example.com', undefined],
    ['example.com', undefined],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
  ] as const) {
    it(`${typeof text === 'string' ? JSON.stringify(text) : String(text)} leads to ${link ?? 'nothing'}`, () => {
      expect(webLink(text)).to.equal(link);
    });
  }

  const gitHubCom = 'https://github.com';
  const run = { repository: 'acme/checkout', run_id: '1001' };
  for (const [what, of, gitHub, link] of [
    ['a run', run, gitHubCom, 'https://github.com/acme/checkout/actions/runs/1001'],
    [
      'an attempt',
      { ...run, run_attempt: '2' },
      gitHubCom,
      'https://github.com/acme/checkout/actions/runs/1001/attempts/2',
    ],
    [
      'a run on another GitHub',
      run,
      'https://git.acme.example',
      'https://git.acme.example/acme/checkout/actions/runs/1001',
    ],
    ['no repository', { ...run, repository: null }, gitHubCom, undefined],
    ['no run', { ...run, run_id: null }, gitHubCom, undefined],
    ['a repository that is none', { ...run, repository: 'a/b/../../c' }, gitHubCom, undefined],
    ['a run that is none', { ...run, run_id: '1/../2' }, gitHubCom, undefined],
  ] as const) {
    it(`lead from ${what} to ${link ?? 'nothing'}`, () => {
      expect(runLink(of, gitHub)).to.equal(link);
    });
  }
});

describe('words of the board', () => {
  it('tell spans in one unit', () => {
    const seconds = [-5, 0, 59, 60, 3599, 3600, 86_400, 172_799, 172_800, 8_640_000];
    expect(seconds.map((each) => span(each * 1000))).to.deep.equal([
      ...['0 s', '0 s', '59 s', '1 min', '59 min', '1 h', '24 h', '47 h', '2 d', '100 d'],
    ]);
  });

  it('count, and say that a hundred may be more', () => {
    expect([1, 2, 99, 100].map((each) => counted(each, 'waits', 'wait'))).to.deep.equal([
      ...['1 waits', '2 wait', '99 wait', '100+ wait'],
    ]);
  });

  it('tell a status that is not known by its own name', () => {
    expect([statusWord('in_progress'), statusWord('on_hold')]).to.deep.equal([
      'in progress',
      'on hold',
    ]);
  });

  it('tell what happened to a deployment, and how it came about', () => {
    for (const [fields, words] of [
      [{}, 'deployed'],
      [{ to_status: 'skipped', cause: 'auto_skip' }, 'skipped by auto skip'],
      [{ from_status: 'deployed', changed: ['notes'] }, 'notes changed'],
      [{ from_status: 'scheduled', to_status: 'scheduled', cause: 'approval' }, 'approved'],
      [
        { from_status: 'scheduled', to_status: 'cancelled', cause: 'rejection' },
        'rejected: cancelled',
      ],
      [
        { from_status: 'scheduled', to_status: 'in_progress', cause: 'override' },
        'in progress by override',
      ],
    ] satisfies (readonly [Partial<FeedEvent>, string])[]) {
      expect(whatHappened(event(fields))).to.equal(words);
    }
  });

  const noGate = { gate_id: null, reason: null, owner: null };
  const position: QueuePosition = {
    position: 2,
    waiting_since: null,
    blocked_by: [
      {
        ...noGate,
        kind: 'running',
        deployment_id: 'a',
        until: new Date(now + 90_000).toISOString(),
      },
      { ...noGate, kind: 'running', deployment_id: 'b', until: null },
      { ...noGate, kind: 'ahead', deployment_id: 'c', until: null },
    ],
    holders: [],
    estimated_start_at: null,
  };
  const gate = { deployment_id: null, gate_id: 'g' };
  const closed: QueuePosition['blocked_by'] = [
    {
      ...gate,
      kind: 'lock',
      owner: 'octocat',
      reason: 'The database is failing over',
      until: null,
    },
    { ...gate, kind: 'freeze', owner: 'acme/calendar', reason: 'Holidays', until: ago(-90) },
    { ...gate, kind: 'approval', owner: null, reason: '0 of 2 approvals', until: null },
  ];
  it('say where a deployment stands, and why', () => {
    expect(reasonFor(position)).to.equal('place 2, another one runs, others go first');
    expect(reasonFor({ ...position, position: null })).to.equal('unclaimed');
    expect(reasonFor({ ...position, position: null, blocked_by: closed })).to.equal(
      'unclaimed, locked, frozen, not approved yet',
    );
    expect(
      blockersOf({ ...position, blocked_by: closed }, now).map(({ words }) => words),
    ).to.deep.equal([
      'locked by octocat: The database is failing over',
      'frozen by acme/calendar, opens in 1 h: Holidays',
      'not approved yet: 0 of 2 approvals',
    ]);
    expect(blockersOf(position, now)).to.deep.equal([
      { words: 'another one runs, 1 min at the longest', deployment: 'a' },
      { words: 'another one runs', deployment: 'b' },
      { words: 'others go first', deployment: 'c' },
    ]);
  });
});

describe('the timeline', () => {
  const told = (fields: Partial<FeedEvent>) => {
    const [entry] = tell([event(fields)]);
    return `${entry?.tone ?? ''}: ${entry?.verb ?? ''}`;
  };
  for (const [fields, line] of [
    [{ from_status: null, to_status: 'scheduled' }, 'calm: registered'],
    [{ from_status: null, to_status: 'scheduled', cause: 'rollback' }, 'busy: rollback to'],
    [{ from_status: 'in_progress', to_status: 'scheduled' }, 'calm: put back'],
    [{ from_status: 'failed', to_status: 'scheduled' }, 'calm: scheduled again'],
    [{ from_status: 'scheduled', to_status: 'in_progress' }, 'busy: started'],
    [{ from_status: 'in_progress', to_status: 'deployed' }, 'good: deployed'],
    [{ from_status: 'in_progress', to_status: 'failed' }, 'bad: failed'],
    [
      { from_status: 'in_progress', to_status: 'failed', cause: 'lease_expired' },
      'bad: lost its lease',
    ],
    [{ from_status: 'deployed', to_status: 'failed' }, 'bad: found bad'],
    [{ from_status: 'scheduled', to_status: 'skipped' }, 'calm: skipped'],
    [{ from_status: 'scheduled', to_status: 'cancelled' }, 'calm: cancelled'],
    [{ from_status: 'scheduled', to_status: 'scheduled', changed: ['notes'] }, 'calm: updated'],
    [{ from_status: 'scheduled', to_status: 'on_hold' as 'failed' }, 'calm: on hold'],
    [
      {
        from_status: 'scheduled',
        to_status: 'scheduled',
        cause: 'approval',
        changed: ['approvals'],
      },
      'good: approved',
    ],
    [{ from_status: 'scheduled', to_status: 'cancelled', cause: 'rejection' }, 'bad: rejected'],
    [
      { from_status: 'scheduled', to_status: 'in_progress', cause: 'override' },
      'busy: started by override',
    ],
  ] as const satisfies readonly (readonly [Partial<FeedEvent>, string])[]) {
    it(`tells ${JSON.stringify(fields)} as "${line}"`, () => {
      expect(told(fields)).to.equal(line);
    });
  }

  it('tells which gates somebody has overridden, and why', () => {
    const [entry] = tell([
      event({
        from_status: 'scheduled',
        to_status: 'in_progress',
        cause: 'override',
        reason: 'The fix for the incident',
        gates: [{ kind: 'lock', gate_id: 'g', owner: 'mona', reason: 'Incident', until: null }],
      }),
    ]);
    expect(entry?.more).to.equal('The fix for the incident; although locked by mona: Incident');
  });

  it('tells once what one deployment has skipped', () => {
    const skip = { to_status: 'skipped', cause: 'auto_skip' } as const;
    const entries = tell([
      event({ position: 5, ...skip, cause_deployment_id: 'a' }),
      event({ position: 4, ...skip, cause_deployment_id: 'a' }),
      event({ position: 3, ...skip, cause_deployment_id: 'b' }),
      event({ position: 2 }),
    ]);
    expect(entries.map(({ key, count }) => [key, count])).to.deep.equal([
      [5, 2],
      [3, 1],
      [2, 1],
    ]);
  });

  it('tells today, yesterday and the day before by their names', () => {
    const days = [0, 1, 2].map((each) =>
      dayOf(new Date(now - each * 86_400_000).toISOString(), now),
    );
    expect(days).to.deep.equal(['Today', 'Yesterday', 'Saturday 3 January']);
  });
});
