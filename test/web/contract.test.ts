import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { parse } from 'yaml';
import { runService } from '../support/http.js';

describe('the contract', () => {
  const running = runService();

  it('is served as it was written, with this server as its first, and as JSON that says the same', async () => {
    const written = await readFile(new URL('../../openapi.yaml', import.meta.url), 'utf8');
    const yaml = await running.service.api.get('/openapi.yaml').buffer(true).expect(200);
    expect(yaml.headers['content-type']).to.match(/^application\/yaml/);
    const own = '  - url: /\n    description: Where this document is served.\n';
    expect(yaml.text).to.include(`\nservers:\n${own}`);
    expect(yaml.text.replace(own, '')).to.equal(written);
    const json = await running.service.api.get('/openapi.json').expect(200);
    expect(json.body).to.deep.equal(parse(yaml.text));
    expect(Object.keys(json.body as object)).to.deep.equal(Object.keys(parse(written) as object));
  });
});
