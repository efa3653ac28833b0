import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';
import { snowflakeFields } from '../../src/settings/snowflake.js';
import { uses } from '../../src/store/snowflake/verify.js';
import { settingsWith } from '../support/settings.js';

const guide = readFileSync(packageFile('docs/SNOWFLAKE.md'), 'utf8');

/** The part of the guide under a heading. */
const sectionOf = (heading: string): string =>
  guide.split(/^## /m).find((section) => section.startsWith(heading)) ?? '';

/** What stands in fences of a language, without comments. */
const fencesOf = (text: string, language = ''): string =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, of]) => of === language)
    .map(([, , inside = '']) => inside.replaceAll(/--.*$/gm, ''))
    .join('\n');

const setUp = sectionOf('Set it up');
const statements = fencesOf(setUp, 'sql')
  .split(';')
  .map((statement) => statement.replaceAll(/\s+/g, ' ').trim())
  .filter((statement) => statement !== '');

/** The second word of whatever was said in this form. */
const namesIn = (form: RegExp): string[] =>
  statements.flatMap((statement) => form.exec(statement)?.[1]?.toUpperCase() ?? []);

describe('the guide to Snowflake', () => {
  it('works only in roles that the administrator has', () => {
    const given = new Set(['USERADMIN', 'SYSADMIN']);
    for (const statement of statements) {
      const [, granted] = /^GRANT ROLE (\w+) TO ROLE SYSADMIN$/.exec(statement) ?? [];
      if (granted !== undefined) given.add(granted.toUpperCase());
      const [, used] = /^USE ROLE (\w+)$/.exec(statement) ?? [];
      if (used !== undefined) expect([...given]).to.include(used.toUpperCase());
    }
    expect(given.size).to.equal(4);
  });

  it('gives each user one role, and no others beside it', () => {
    const users = namesIn(/^CREATE USER (\w+) .*DEFAULT_SECONDARY_ROLES = \(\)/);
    expect(users).to.have.length(2);
    const grants = statements.flatMap(
      (statement) => /^GRANT ROLE \w+ TO USER (\w+)$/.exec(statement)?.[1]?.toUpperCase() ?? [],
    );
    expect(grants).to.have.members(users);
  });

  it('has the service work with what it has made', () => {
    const lines = [...fencesOf(setUp).matchAll(/^(SNOWFLAKE_\w+)=(\S+)$/gm)];
    const { SNOWFLAKE_PRIVATE_KEY_PATH: path, ...environment } = Object.fromEntries(
      lines.map(([, name, value]) => [name, value]),
    ) as Record<string, string>;
    expect(path).to.equal('snowflake.p8');
    const { store } = settingsWith({ ...environment, SNOWFLAKE_PASSWORD: 'x' });
    if (store.kind !== 'snowflake') throw new Error('It names no account');
    const { user, role, warehouse, database, schema } = store.options;
    expect(namesIn(/^CREATE USER (\w+)/)).to.include(user);
    expect(namesIn(/^CREATE ROLE (\w+)/)).to.include(role);
    expect(namesIn(/^CREATE WAREHOUSE (\w+)/)).to.deep.equal([warehouse]);
    expect(namesIn(/^CREATE DATABASE (\w+)/)).to.deep.equal([database]);
    expect(namesIn(/^CREATE SCHEMA \w+\.(\w+)/)).to.deep.equal([schema]);
  });

  it('grants what db:verify looks for', () => {
    const granted = new Map(
      statements.flatMap((statement) => {
        const [, rights = '', table] = /^GRANT ([A-Z, ]+) ON TABLE (\w+) TO/.exec(statement) ?? [];
        return table === undefined ? [] : [[table, rights.split(', ')] as const];
      }),
    );
    expect([...granted.keys()]).to.have.members(Object.keys(uses));
    for (const [table, rights] of Object.entries(uses))
      expect(granted.get(table), table).to.include.members(Object.keys(rights));
  });

  it('has a row for each setting', () => {
    const [table = ''] = sectionOf('Settings').split(/^Database, schema/m);
    const named = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
    expect(named).to.have.members(Object.keys(snowflakeFields));
  });
});
