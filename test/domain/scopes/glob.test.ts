import { expect } from 'chai';
import fc from 'fast-check';
import { compileGlob, globFault, isPattern } from '../../../src/domain/scopes/glob.js';

describe('a glob', () => {
  const rows: [glob: string, value: string, matches: boolean][] = [
    ['acme/checkout', 'acme/checkout', true],
    ['acme/checkout', 'acme/checkout-2', false],
    ['acme/*', 'acme/checkout', true],
    ['acme/*', 'acme/.github', true],
    ['acme/*', 'acme/a/b', false],
    ['acme/*', 'acme/', false],
    ['acme/*', 'acmee/x', false],
    ['*/checkout', 'acme/checkout', true],
    ['refs/heads/*', 'refs/heads/main', true],
    ['refs/heads/*', 'refs/heads/feature/x', false],
    ['refs/heads/**', 'refs/heads/feature/x', true],
    ['refs/heads/**', 'refs/tags/x', false],
    ['refs/heads/release-*', 'refs/heads/release-1', true],
    ['refs/heads/release-*', 'refs/heads/release-1\n', true],
    ['refs/tags/v?', 'refs/tags/v1', true],
    ['refs/tags/v?', 'refs/tags/v10', false],
    ['!main*', 'main', false],
    ['!main*', '!main-x', true],
    ['a+*', 'aaa', false],
    ['a+*', 'a+b', true],
    ['a.*', 'a.b', true],
    ['a.*', 'axb', false],
    ['_*+++', '_&+++', true],
    ['_*+++', '_+', false],
    ['a*++', 'ab++', true],
    ['*.+', 'a.+', true],
    ['./a*', './ab', true],
    ['./a*', 'ab', false],
    ['acme/*', 'acme/..', true],
    ['acme/**', 'acme/./x', true],
    ['**/x', 'x', true],
    ['**/x', 'a/../x', true],
    ['**/x', 'ax', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'ab', false],
    ['a/**', 'a', false],
    ['a//*', 'a//b', true],
    ['v?', 'v🚀', true],
    ['v??', 'v🚀', false],
    ['$x', '$x', true],
    ['#*', '#1', true],
    ['~*', '~1', true],
    ['a,b*', 'a,bc', true],
    ['@x*', '@xy', true],
    ['**', 'anything/at/all', true],
    ['*', 'ünïcode', true],
    ['[x]', '[x]', true],
    ['[x]', 'x', false],
    ['(a|b)', 'a', false],
  ];
  for (const [glob, value, matches] of rows) {
    it(`${JSON.stringify(glob)} ${matches ? 'is' : 'is not'} ${JSON.stringify(value)}`, () => {
      expect(globFault(glob)).to.equal(undefined);
      expect(compileGlob(glob, false)(value)).to.equal(matches);
    });
  }

  it('minds case unless it is told not to', () => {
    for (const glob of ['Acme/x', 'Acme/*']) {
      expect(compileGlob(glob, false)('acme/X')).to.equal(false);
      expect(compileGlob(glob, true)('acme/X')).to.equal(true);
    }
  });

  for (const glob of ['a[b]*', '{a,b}*', '(a|b)*', '*"x"', 'a\\*', '*(a)', '$$.*', '^a*']) {
    it(`is refused as ${glob}, which could mean more than it says`, () => {
      expect(globFault(glob)).to.match(/^must not have any of/);
    });
  }
  for (const glob of ['*a*', 'x/*a*', 'a**', '**a', '***', '**/**', 'a/**/b/**']) {
    it(`is refused as ${glob}, which could take long`, () => {
      expect(globFault(glob)).to.match(/at most once/);
    });
  }

  it('that is none is itself alone, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (glob, value) => {
        fc.pre(!isPattern(glob));
        expect(globFault(glob)).to.equal(undefined);
        expect(compileGlob(glob, false)(value)).to.equal(glob === value);
      }),
    );
  });

  it('takes any text in the place of its star, and nothing else', () => {
    // What patterns of others give a meaning comes as often as all that has none.
    const unit = fc.oneof(
      fc.stringMatching(/^[.+!@#~,:;=%&'<>-]$/),
      fc.stringMatching(/^[A-Za-z0-9 _ü]$/),
    );
    const part = fc.string({ unit, minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(part, part, part, (before, between, after) => {
        const glob = `${before}*${after}`;
        const matches = compileGlob(glob, false);
        fc.pre(globFault(glob) === undefined);
        expect(matches(before + between + after), glob).to.equal(true);
        expect(matches(`${before}${between}/${after}`), glob).to.equal(false);
        expect(matches(`/${before}${between}${after}`), glob).to.equal(false);
      }),
    );
  });

  it('is matched in no time, however long and alike both are', () => {
    // What takes the square of the length or more would take seconds for this.
    const globs = [
      `${'a'.repeat(120)}*${'a'.repeat(120)}b`,
      `${'a*/'.repeat(80)}b`,
      `**/${'?'.repeat(120)}b`,
      `${'*/'.repeat(60)}**/x`,
    ];
    const values = ['a'.repeat(255), 'a/'.repeat(127), '/'.repeat(255)];
    for (const glob of globs) expect(globFault(glob), glob).to.equal(undefined);
    const compiled = globs.map((glob) => compileGlob(glob, true));
    const started = performance.now();
    for (let round = 0; round < 1_000; round += 1) {
      for (const matches of compiled) for (const value of values) matches(value);
    }
    expect((performance.now() - started) / 1_000).to.be.below(5);
  });
});
