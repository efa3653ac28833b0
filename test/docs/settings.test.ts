import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { settingNames } from '../../src/settings/settings.js';

const read = (file: string) => readFile(new URL(`../../${file}`, import.meta.url), 'utf8');

describe('the settings', () => {
  it('are all in the tables of docs/SETTINGS.md, and nothing else is', async () => {
    const first = [...(await read('docs/SETTINGS.md')).matchAll(/^\| (`[^|]*)/gm)].map(
      ([, column = '']) => column,
    );
    const named = first.flatMap((column) =>
      [...column.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name),
    );
    expect(named).to.have.members([...settingNames]);
  });

  it('are all in .env.example, and nothing else is', async () => {
    const lines = (await read('.env.example')).matchAll(/^# ([A-Z_]+)=/gm);
    const named = [...lines].map(([, name]) => name);
    expect(named).to.have.members([...settingNames]);
  });
});
