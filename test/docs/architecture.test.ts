import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';
import { importsOfSource } from './support/imports.js';
import type { Import } from './support/imports.js';

/** What every area may import, and is not drawn. */
const ground = ['platform', 'domain', 'generated'];

/** The area of a file: the folder of `src/` that it is in, or its own name. */
function areaOf(path: string): string {
  return path.replace(/^src\//, '').replace(/(\.ts)?(\/.*)?$/, '');
}

describe('docs/ARCHITECTURE.md', () => {
  let text: string;
  let imports: Import[];
  /** The arrows between areas as the code has them, such as `http web`. */
  let real: Set<string>;
  /** As they are drawn: all, and those among them of types only. */
  let drawn: string[];
  let ofTypes: string[];

  before(async () => {
    text = await readFile(packageFile('docs/ARCHITECTURE.md'), 'utf8');
    imports = await importsOfSource();
    real = new Set(
      imports
        .filter(({ to }) => /^(src|generated)\//.test(to))
        .map(({ from, to }) => [areaOf(from), areaOf(to)] as const)
        .filter(([from, to]) => from !== to && !ground.includes(to))
        .map((pair) => pair.join(' ')),
    );
    const arrows = [...text.matchAll(/^ {2}(\w+) (-->|-\. types \.->) (\w+(?: & \w+)*)$/gm)];
    const pairs = arrows.flatMap(([, from = '', arrow, to = '']) =>
      to.split(' & ').map((each) => ({ pair: `${from} ${each}`, types: arrow !== '-->' })),
    );
    drawn = pairs.map(({ pair }) => pair);
    ofTypes = pairs.filter(({ types }) => types).map(({ pair }) => pair);
  });

  it('draws only arrows that are imports', () => {
    expect(drawn).not.to.be.empty;
    expect(drawn.filter((pair) => !real.has(pair))).to.deep.equal([]);
  });

  it('draws every import between areas, or a longer way', () => {
    const reaches = (from: string, to: string): boolean =>
      drawn.some((pair) => {
        const [start = '', end = ''] = pair.split(' ');
        if (start !== from || (ofTypes.includes(pair) && end !== to)) return false;
        return end === to || reaches(end, to);
      });
    const missing = [...real].filter((pair) => {
      const [from = '', to = ''] = pair.split(' ');
      return !reaches(from, to);
    });
    expect(missing).to.deep.equal([]);
  });

  it('draws types only where nothing else is imported', () => {
    const others = imports.filter(
      ({ from, to, typesOnly }) => !typesOnly && ofTypes.includes(`${areaOf(from)} ${areaOf(to)}`),
    );
    expect(others).to.deep.equal([]);
  });

  it('lets nothing of what is not drawn import an area', () => {
    expect([...real].filter((pair) => ground.includes(pair.split(' ', 1)[0] ?? ''))).to.be.empty;
  });

  it('has a row for each area, and for nothing else', async () => {
    const rows = [...text.matchAll(/^\| `(\w+)` +\|[^|]+\| `src\/.*` +\|$/gm)];
    const names = (await readdir(packageFile('src'))).map((name) => areaOf(`src/${name}`));
    expect(rows.map(([, area]) => area)).to.have.members(names);
  });

  it('names the places of each library, and all of them', () => {
    const [table = ''] = /^\| library[^]*?\n\n/m.exec(text) ?? [];
    const rows = [...table.matchAll(/^\| `([^`]+)` +\|(.*)\|$/gm)];
    expect(rows).not.to.be.empty;
    const listed = rows.map(([, library = '', places = '']) => ({
      library: library.replace('/*', '/'),
      places: [...places.matchAll(/`(src\/[^`]+)`/g)].map(([, place = '']) => place),
    }));
    const isOf = (library: string, to: string) =>
      library.endsWith('/') ? to.startsWith(library) : to === library;
    for (const { library, places } of listed) {
      const users = imports.filter(({ to }) => isOf(library, to)).map(({ from }) => from);
      const within = (from: string, place: string) =>
        from === place || from.startsWith(`${place}/`);
      const elsewhere = users.filter((from) => !places.some((place) => within(from, place)));
      const idle = places.filter((place) => !users.some((from) => within(from, place)));
      expect({ library, elsewhere, idle }).to.deep.equal({ library, elsewhere: [], idle: [] });
    }
    const packages = imports.map(({ to }) => to).filter((to) => !/^(src|generated)\//.test(to));
    const unlisted = packages.filter((name) => !listed.some(({ library }) => isOf(library, name)));
    expect(unlisted).to.deep.equal([]);
  });
});
