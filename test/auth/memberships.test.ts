import { expect } from 'chai';
import { createGitHubRequests } from '../../src/auth/github-requests.js';
import { createGitHubClient } from '../../src/auth/pat/github.js';
import type { GitHubResult } from '../../src/auth/pat/github.js';
import { rememberMemberships } from '../../src/auth/pat/memberships.js';
import type { FindMembership } from '../../src/auth/pat/memberships.js';
import { createLogger } from '../../src/platform/logging.js';
import { errorOf } from '../support/error-of.js';
import { timeTravel } from '../support/time-travel.js';

const answers = {
  member: { kind: 'member', login: 'mona', owner: { id: '65', login: 'acme' }, role: 'member' },
  unknown: { kind: 'unknown-token', detail: 'unknown' },
  stranger: { kind: 'no-member', detail: 'stranger' },
  failed: { kind: 'unavailable', retryAfter: 5, limited: false },
  limited: { kind: 'unavailable', retryAfter: 40, limited: true },
  limitedForLong: { kind: 'unavailable', retryAfter: 3_600, limited: true },
} as const satisfies Record<string, GitHubResult>;

describe('the memory of memberships', () => {
  const wait = timeTravel();

  /** A memory in front of a GitHub that answers as told, and what it was asked. */
  function memory(answer: (token: string) => GitHubResult): {
    ask: FindMembership;
    asked: string[];
  } {
    const asked: string[] = [];
    const ask = rememberMemberships((token, organisation) => {
      asked.push(`${organisation} ${token}`);
      return Promise.resolve(answer(token));
    }, 300);
    return { ask, asked };
  }

  const lifetimes: [what: keyof typeof answers, seconds: number][] = [
    ['member', 300],
    ['unknown', 30],
    ['stranger', 30],
    ['failed', 0],
    ['limited', 40],
    ['limitedForLong', 60],
  ];
  for (const [what, seconds] of lifetimes) {
    it(`keeps an answer for ${seconds} seconds: ${what}`, async () => {
      const { ask, asked } = memory(() => answers[what]);
      expect(await ask('token', 'acme')).to.deep.equal(answers[what]);
      if (seconds > 0) {
        // From then on a membership that is in use is asked for again.
        const early = what === 'member' ? 61 : 1;
        await wait((seconds - early) * 1_000);
        expect(await ask('token', 'acme')).to.deep.equal(answers[what]);
        expect(asked).to.have.length(1);
        await wait(early * 1_000 + 1);
      }
      await ask('token', 'acme');
      expect(asked).to.have.length(2);
    });
  }

  it('keeps members through a flood of refusals of a size that it cannot remember', async () => {
    const { ask, asked } = memory((token) =>
      token.startsWith('good') ? answers.member : answers.unknown,
    );
    await ask('good', 'acme');
    for (let index = 0; index < 10_500; index += 1) await ask(`bad ${index}`, 'acme');
    asked.length = 0;
    await ask('good', 'acme');
    await ask('bad 10499', 'acme');
    expect(asked).to.deep.equal([]);
    await ask('bad 0', 'acme');
    expect(asked).to.deep.equal(['acme bad 0']);
  });

  it('keeps the members who come often when there are more than it can remember', async () => {
    const { ask, asked } = memory(() => answers.member);
    for (let index = 0; index < 10_500; index += 1) {
      await ask(`user ${index}`, 'acme');
      if (index % 1_000 === 0) await ask('often', 'acme');
    }
    expect(asked.filter((question) => question === 'acme often')).to.have.length(1);
  });

  it('does not mistake one token and organisation for another', async () => {
    const { ask, asked } = memory(() => answers.member);
    await ask('b c', 'a');
    await ask('c', 'a b');
    await ask('', 'a');
    await ask('a', '');
    // No login has a space in it, so the first two cannot both be asked of a running service.
    expect(asked).to.deep.equal(['a b c', 'a ', ' a']);
  });

  it('asks again after a question that broke off, and breaks off for all who waited', async () => {
    let questions = 0;
    const ask = rememberMemberships(() => {
      questions += 1;
      return questions === 1
        ? Promise.reject(new Error('broken off'))
        : Promise.resolve(answers.member);
    }, 300);
    const failures = await Promise.all([1, 2, 3].map(() => errorOf(ask('token', 'acme'))));
    expect(failures.map(String)).to.deep.equal(new Array(3).fill('Error: broken off'));
    expect(await ask('token', 'acme')).to.deep.equal(answers.member);
    expect(questions).to.equal(2);
  });

  /** A memory in front of a GitHub that answers when it is told to. */
  function patient() {
    let answer: ((given: GitHubResult) => void) | undefined;
    const questions: string[] = [];
    const ask = rememberMemberships((token) => {
      questions.push(token);
      return new Promise((resolve) => {
        const before = answer;
        answer = (given) => {
          before?.(given);
          resolve(given);
        };
      });
    }, 300);
    const answerAll = (given: GitHubResult): void => {
      answer?.(given);
      answer = undefined;
    };
    return { ask, questions, answerAll };
  }

  it('asks sixty questions about unknown tokens at once at the most, and more once they are answered', async () => {
    const { ask, questions, answerAll } = patient();
    const all = Array.from({ length: 61 }, (_, index) => ask(`token ${index}`, 'acme'));
    expect(questions).to.have.length(60);
    expect(await all[60]).to.deep.equal({ kind: 'unavailable', retryAfter: 1, limited: false });
    const shared = ask('token 0', 'acme');
    answerAll(answers.member);
    expect(await shared).to.deep.equal(answers.member);
    await Promise.all(all);
    const next = ask('token 60', 'acme');
    answerAll(answers.member);
    expect(await next).to.deep.equal(answers.member);
    expect(questions).to.have.length(61);
  });

  it('asks twenty more about those who were members, within a day', async () => {
    const { ask, questions, answerAll } = patient();
    const members = Array.from({ length: 50 }, (_, index) => `member ${index}`);
    const before = Promise.all(members.map((token) => ask(token, 'acme')));
    answerAll(answers.member);
    await before;
    await wait(23 * 60 * 60 * 1_000);
    questions.length = 0;
    const strangers = Array.from({ length: 70 }, (_, index) => ask(`token ${index}`, 'acme'));
    const again = members.map((token) => ask(token, 'acme'));
    expect(questions.filter((token) => token.startsWith('token'))).to.have.length(60);
    expect(questions.filter((token) => token.startsWith('member'))).to.have.length(20);
    answerAll(answers.unknown);
    await Promise.all([...strangers, ...again]);

    await wait(30_001);
    // Those who were found to be none are strangers from now on, the others are not.
    let admitted = 0;
    const admit = (): void => {
      admitted += 1;
    };
    const late = [...members.slice(0, 20), ...members.slice(20, 30)].map((token) =>
      ask(token, 'acme', admit),
    );
    answerAll(answers.member);
    await Promise.all(late);
    expect(admitted).to.equal(20);
    await wait(24 * 60 * 60 * 1_000 + 1);
    const last = ask('member 40', 'acme', admit);
    answerAll(answers.member);
    await last;
    expect(admitted).to.equal(21);
  });

  it('asks nobody about an unknown token that is not admitted', async () => {
    const { ask, asked } = memory(() => answers.member);
    const refuse = (): never => {
      throw new Error('not admitted');
    };
    expect(String(await errorOf(ask('token', 'acme', refuse)))).to.equal('Error: not admitted');
    expect(asked).to.deep.equal([]);
    await ask('token', 'acme');
    expect(await ask('token', 'acme', refuse)).to.deep.equal(answers.member);
  });
});

describe('the client of GitHub', () => {
  it('puts an organisation into the path as one segment, whatever it is', async () => {
    const paths: string[] = [];
    const { fetch } = globalThis;
    globalThis.fetch = (url) => {
      paths.push(new Request(url).url);
      return Promise.resolve(Response.json({ login: 'mona' }));
    };
    try {
      const settings = { apiUrl: 'http://127.0.0.1:1', apiVersion: '2022-11-28' };
      const log = createLogger('silent');
      await createGitHubClient(createGitHubRequests(settings, log), log)('token', '../a?b#c');
    } finally {
      globalThis.fetch = fetch;
    }
    expect(paths[1]).to.equal('http://127.0.0.1:1/user/memberships/orgs/..%2Fa%3Fb%23c');
  });
});
