import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { parse } from 'yaml';
import { runService } from '../support/http.js';

describe('the contract', () => {
  const running = runService();

  it('is served as it was written, and as JSON that says the same', async () => {
    const written = await readFile(new URL('../../openapi.yaml', import.meta.url), 'utf8');
    const yaml = await running.service.api.get('/openapi.yaml').buffer(true).expect(200);
    expect(yaml.headers['content-type']).to.match(/^application\/yaml/);
    expect(yaml.text).to.equal(written);
    const json = await running.service.api.get('/openapi.json').expect(200);
    expect(json.body).to.deep.equal(parse(written));
  });
});
