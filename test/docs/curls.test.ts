import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';
import { documents } from './support/documents.js';
import { curlsOf } from './support/curls.js';
import { tokensInArguments } from './support/token-arguments.js';

describe('every curl', () => {
  for (const document of documents()) {
    it(`of ${document} is in a block that a test runs`, async () => {
      const text = await readFile(packageFile(document), 'utf8');
      expect(curlsOf(text).strays, 'in a block of sh or in a step of a workflow').to.deep.equal([]);
    });
  }
});

describe('no command is given a token in its arguments', () => {
  const examples = readdirSync(packageFile('examples')).map((name) => `examples/${name}`);
  for (const document of [...documents(), ...examples, 'action.yml', 'openapi.yaml']) {
    it(`in ${document}`, async () => {
      const text = await readFile(packageFile(document), 'utf8');
      expect(tokensInArguments(text)).to.deep.equal([]);
    });
  }

  for (const command of [
    'curl -s -H "Authorization: Bearer $TOKEN" http://x',
    'curl -s http://x \\\n  -H "authorization: Bearer abc"',
    'A=$(curl -u "me:$GITHUB_TOKEN" http://x)',
    '          if true; then curl --oauth2-bearer "$TOKEN" http://x; fi',
    'Say `deployment-queue list --token ${DEPLOYMENT_QUEUE_TOKEN}`.',
    '$ docker run -e SNOWFLAKE_PASSWORD="$SNOWFLAKE_PASSWORD" image',
    ' *     run: A=1 npx tsx examples/x.ts $GITHUB_TOKEN',
    'jq . | curl http://x -d @- -H "Authorization: Bearer $TOKEN"',
  ]) {
    it(`would be noticed: ${JSON.stringify(command)}`, () => {
      expect(tokensInArguments(command)).to.have.length(1);
    });
  }

  it('is no matter of what the shell does by itself, or of addresses', () => {
    const text = [
      'printf "Authorization: Bearer %s" "$TOKEN" | curl -H @- "$ACTIONS_ID_TOKEN_REQUEST_URL"',
      'export GITHUB_TOKEN=$(gh auth token)',
      'echo "::add-mask::$TOKEN"',
    ];
    expect(tokensInArguments(text.join('\n'))).to.deep.equal([]);
  });
});

describe('looking for curls in Markdown', () => {
  const fence = (language: string, content: string) => `\`\`\`${language}\n${content}\n\`\`\`\n`;

  it('finds each in a block of sh, wherever it stands in a line', () => {
    const script =
      'A=$(curl -s a | field id)\nf() { curl b; }\nif ! curl c; then curl d; fi\nx | curl e';
    const { scripts, strays } = curlsOf(`# Title\n\n${fence('sh', script)}`);
    expect(strays).to.deep.equal([]);
    expect(scripts.flatMap(({ curls }) => curls)).to.deep.equal(
      [1, 2, 3, 4, 5].map((number) => `3, curl ${number}`),
    );
    expect(scripts[0]?.commands).to.include("A=$(CURL_AT='3, curl 1' curl -s a | field id)\n");
  });

  it('finds each in the steps of a workflow, with what their env says', () => {
    const workflow = [
      'env: { A: 1 }',
      'jobs:',
      '  x:',
      '    env: { B: 2 }',
      '    steps:',
      '      - run: echo no',
      '      - id: second',
      '        env: { A: 3 }',
      '        run: |',
      '          curl a',
      '          curl b',
    ].join('\n');
    const { scripts, strays } = curlsOf(fence('yaml', workflow));
    expect(strays).to.deep.equal([]);
    expect(scripts).to.have.length(1);
    expect(scripts[0]).to.deep.include({
      env: { A: '3', B: '2' },
      step: 'second',
      curls: ['1, step 2, curl 1', '1, step 2, curl 2'],
    });
  });

  for (const [what, text] of [
    ['in a sentence that breaks it', 'Then say `curl -s\nhttp://x` and see.\n'],
    ['in a block without a language', fence('', 'curl -s http://x')],
    ['in a block that shows what was typed', fence('console', '$ curl -s http://x')],
    ['in a block by indentation', 'Say\n\n    curl -s http://x\n'],
    ['outside of the steps of a workflow', fence('yaml', 'command: sh -c "x; curl -s http://x"')],
  ] as const) {
    it(`finds one ${what} to be a stray`, () => {
      expect(curlsOf(text).strays).to.have.length(1);
    });
  }

  it('finds a whole command in a sentence', () => {
    const { scripts, strays } = curlsOf('Then\nsay `curl -s http://x`, and `curl` again.\n');
    expect(strays).to.deep.equal([]);
    expect(scripts.map(({ commands }) => commands)).to.deep.equal([
      "CURL_AT='2, curl 1' curl -s http://x\n",
    ]);
  });

  it('does not take the name for a call', () => {
    const { scripts, strays } = curlsOf('With `curl` alone, or curl as such.\n');
    expect({ scripts, strays }).to.deep.equal({ scripts: [], strays: [] });
  });

  it('knows the refusals that a section speaks of, and not those of the next', () => {
    const text = `# One\n\nanswers 409\n\n${fence('sh', '# not a heading\ncurl a')}\n# Two\n\nanswers 412\n`;
    expect([...(curlsOf(text).scripts[0]?.refusals ?? [])]).to.deep.equal([409]);
  });
});
