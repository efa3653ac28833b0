import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What an editor has open: a program that uses the client. */
const uses = `
import { createClient, gitHubActions, gitHubToken, noCredentials } from '../src/client/client.js';
import type { Deployment, DeploymentCreate, DeploymentUpdate, ListQuery, RollbackQuery } from '../src/client/client.js';
const client = createClient({ url: 'https://queue.example.com', credentials: noCredentials() });
declare const deployment: Deployment;
declare const create: DeploymentCreate;
declare const update: DeploymentUpdate;
declare const list: ListQuery;
declare const rollback: RollbackQuery;
gitHubActions(); gitHubToken('x', 'acme');
deployment.id; deployment.commit_at; deployment.build_uri; deployment.status; deployment.started_at;
create.name; create.commit_at; create.region;
update.deployment_uri; update.status;
list.environment; list.limit; rollback.provider;
`;

describe('what an editor shows of the client', () => {
  const file = `${root}test/hovers.ts`;
  let service: ts.LanguageService;
  let text: string;

  before(() => {
    text = uses;
    const options: ts.CompilerOptions = {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      strict: true,
      types: ['node'],
      typeRoots: [`${root}node_modules/@types`],
    };
    const content = (name: string) => (name === file ? text : ts.sys.readFile(name));
    service = ts.createLanguageService({
      getScriptFileNames: () => [file],
      getScriptVersion: (name) => (name === file ? String(text.length) : '1'),
      getScriptSnapshot: (name) => {
        const found = content(name);
        return found === undefined ? undefined : ts.ScriptSnapshot.fromString(found);
      },
      getCurrentDirectory: () => root,
      getCompilationSettings: () => options,
      getDefaultLibFileName: (all) => ts.getDefaultLibFilePath(all),
      fileExists: (name) => name === file || ts.sys.fileExists(name),
      readFile: content,
    });
  });
  after(() => {
    service.dispose();
  });

  /** What stands at the end of an expression, with its tags. */
  const hoverOf = (expression: string): string => {
    const at = text.indexOf(expression) + expression.length - 1;
    const found = service.getQuickInfoAtPosition(file, at);
    const tags = (found?.tags ?? []).map(
      ({ name, text: parts }) => `@${name} ${ts.displayPartsToString(parts)}`,
    );
    return [ts.displayPartsToString(found?.documentation), ...tags].join('\n');
  };

  for (const [expression, ...says] of [
    ['deployment.id', /@example 019b8d3f-/, /UUID/],
    ['deployment.commit_at', /Format: date-time/, /@example 2026-01-05T09/],
    ['deployment.build_uri', /built/, /@example https:\/\//],
    ['deployment.status', /\w/, /@example /],
    ['deployment.started_at', /attempt/, /Format: date-time/],
    ['create.name', /component/, /@example checkout/],
    ['create.commit_at', /RFC 3339/, /@example 2026-/],
    ['create.region', /cloud region/, /@example europe-west1/],
    ['update.deployment_uri', /\w/, /@example https:/],
    ['list.environment', /environment/, /@example production/],
    ['list.limit', /\w/, /@example 50/],
    ['rollback.provider', /\w/, /@example gcp/],
  ] as const) {
    it(`at ${expression} is what the contract says`, () => {
      for (const each of says) expect(hoverOf(expression)).to.match(each);
    });
  }

  it('says something of every field of a deployment, with an example where one has a value', () => {
    const fields = fieldsOf('Deployment');
    expect(fields).to.have.length.greaterThan(25);
    const silent = fields.filter(({ documentation }) => documentation === '');
    expect(silent.map(({ name }) => name)).to.deep.equal([]);
  });

  it('has an example at every method of the client and at every way to make one', () => {
    const methods = fieldsOf('client');
    expect(methods.length).to.be.greaterThan(18);
    const without = methods.filter(({ tags }) => !tags.includes('example'));
    expect(without.map(({ name }) => name)).to.deep.equal([]);
    for (const name of ['createClient({', 'gitHubActions(', 'gitHubToken(', 'noCredentials()']) {
      expect(hoverOf(name.replace(/\W+$/, '')), name).to.match(/@example/);
    }
  });

  it('has examples that compile', () => {
    const examples = fieldsOf('client').flatMap(({ examples }) => examples);
    const id = "const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';";
    const bodies = examples.map((code) => `async () => {\n${code}\n};`);
    text = [uses, id, ...bodies].join('\n');
    try {
      const faults = [
        ...service.getSyntacticDiagnostics(file),
        ...service.getSemanticDiagnostics(file),
      ];
      expect(
        faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
      ).to.deep.equal([]);
    } finally {
      text = uses;
    }
  });

  interface Field {
    readonly name: string;
    readonly documentation: string;
    readonly tags: readonly string[];
    readonly examples: readonly string[];
  }

  /** The members of a type or of a value in the program above. */
  function fieldsOf(name: string): Field[] {
    const program = service.getProgram();
    const source = program?.getSourceFile(file);
    if (program === undefined || source === undefined) throw new Error('There is no program');
    const checker = program.getTypeChecker();
    const symbol = checker
      .getSymbolsInScope(source, ts.SymbolFlags.Alias | ts.SymbolFlags.Variable)
      .find((one) => one.name === name);
    if (symbol === undefined) throw new Error(`There is no ${name}`);
    const type =
      symbol.flags & ts.SymbolFlags.Alias
        ? checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(symbol))
        : checker.getTypeOfSymbol(symbol);
    return type.getProperties().map((property) => {
      const tags = property.getJsDocTags(checker);
      return {
        name: property.name,
        documentation: ts.displayPartsToString(property.getDocumentationComment(checker)),
        tags: tags.map((tag) => tag.name),
        examples: tags
          .filter((tag) => tag.name === 'example')
          .map((tag) => ts.displayPartsToString(tag.text)),
      };
    });
  }
});
