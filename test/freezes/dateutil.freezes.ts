import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { preparePython } from '../support/python.js';
import { hostileEntries, sampleCalendar } from '../support/freezes.js';
import { differences, expandByDateutil, toLine } from './expansion.js';
import { randomQuestions } from './random-rules.js';

const folder = 'test/freezes';

describe('freezes, compared with implementations in Python', function () {
  this.timeout(900_000);
  const python = preparePython(folder);
  before(function () {
    if ('missing' in python) {
      console.error(`SKIPPED test:freezes, nothing of it was run: ${python.missing}`);
      this.skip();
    }
  });

  it('have the windows that python-dateutil finds, for random rules', () => {
    if ('missing' in python) throw new Error(python.missing);
    const seed = Number(process.env['FREEZES_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
    const count = Number(process.env['FREEZES_RULES'] ?? 1000);
    const questions = randomQuestions(seed, count);
    const expansions = expandByDateutil(python.path, questions);

    const windows = expansions.reduce((sum, expansion) => sum + expansion.windows.length, 0);
    console.log(
      `FREEZES_SEED=${seed}: ${expansions.length} of ${count} rules compared, ${windows} windows; ` +
        `${count - expansions.length} took dateutil too long`,
    );
    if (process.env['FREEZES_RECORD'] === 'true') {
      writeFileSync(
        `${folder}/recorded.jsonl`,
        expansions.map((each) => `${toLine(each)}\n`).join(''),
      );
    }
    expect(differences(expansions), `FREEZES_SEED=${seed}`).to.deep.equal([]);
    expect(expansions.length).to.be.at.least(count * 0.9);
    expect(windows).to.be.at.least(count);
  });

  it('are a calendar that the package icalendar reads as it was meant', () => {
    if ('missing' in python) throw new Error(python.missing);
    const { stdout, stderr } = spawnSync(python.path, [`${folder}/read_calendar.py`], {
      input: sampleCalendar(),
      encoding: 'utf8',
    });
    expect(stderr).to.equal('');
    const events = hostileEntries.flatMap(({ summary, description, windows }) =>
      windows.map(({ from, until }) => ({ summary, description, from, until })),
    );
    expect(JSON.parse(stdout)).to.deep.equal({ name: 'Freezes of acme', events });
  });
});
