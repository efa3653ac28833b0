import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { loadedModules } from '../support/loaded-modules/loaded-modules.js';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm')).href;
const root = new URL('../../', import.meta.url).href;

/** The modules of the project, or of its dependencies, that an import brings along. */
async function broughtBy(path: string): Promise<string[]> {
  const code = `await import(${JSON.stringify(root + path)});`;
  const loaded = await loadedModules([tsx], code);
  // The folder of the libraries may be a link to another place.
  return loaded
    .map((url) =>
      url.replace(/\?.*/, '').replace(/^file:.*(?=\/node_modules\/)/, root.slice(0, -1)),
    )
    .filter((url) => url.startsWith(root))
    .map((url) => url.slice(root.length));
}

describe('importing the client', () => {
  it('loads nothing but itself, its half that is generated, what loopback is, how proxies are found, and a parser', async () => {
    const modules = await broughtBy('src/client/client.ts');
    expect(modules).to.include.members(['src/client/client.ts', 'generated/client.js']);
    const foreign = modules.filter((path) => !/^(src\/client\/|generated\/client)/.test(path));
    expect(foreign.sort()).to.deep.equal([
      'node_modules/eventsource-parser/dist/index.js',
      'src/platform/loopback-url.ts',
      'src/platform/proxied-fetch.ts',
    ]);
  });

  it('is seen to load a library where one is imported', async () => {
    const modules = await broughtBy('src/platform/clock.ts');
    expect(modules.some((path) => path.startsWith('node_modules/uuid/'))).to.equal(true);
  });
});
