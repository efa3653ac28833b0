import { expect } from 'chai';
import { entityTag, requireMatch } from '../../src/operations/entity-tag.js';
import { refused } from '../support/refused.js';
import { instantOf, storedDeployment } from '../support/stored.js';

const stored = storedDeployment(1, { revision: 3 });
const tag = entityTag(stored);

describe('entity tag', () => {
  it('is a strong tag in quotes', () => {
    expect(tag).to.match(/^"[\w-]+"$/);
  });

  it('is the same for the same state', () => {
    expect(entityTag(structuredClone(stored))).to.equal(tag);
  });

  it('changes with the revision, and with the instant of the last change', () => {
    const tags = [
      tag,
      entityTag({ ...stored, revision: 4 }),
      entityTag(storedDeployment(1, { revision: 3, updated_at: instantOf(2) })),
      entityTag(storedDeployment(1, { revision: 31, updated_at: instantOf(1) })),
    ];

    expect(new Set(tags).size).to.equal(tags.length);
  });

  it('has the form that the contract lets back in with If-Match', () => {
    expect(tag).to.match(/^(?:\*|(?:W\/)?"[^"]*"(?: *, *(?:W\/)?"[^"]*")*)$/);
  });
});

describe('If-Match', () => {
  const bare = tag.slice(1, -1);

  const matching: [string, string | undefined][] = [
    ['is not sent', undefined],
    ['is *', '*'],
    ['is the tag', tag],
    ['has the tag first in a list', `${tag}, "other"`],
    ['has the tag last in a list', `"other", "more", ${tag}`],
    ['has the tag in a list without spaces', `"other",${tag},"more"`],
    ['has the tag twice, once weak', `W/${tag}, ${tag}`],
    ['has the tag after one with a comma in it', `"a, b", ${tag}`],
    ['has the tag after an empty one', `"", ${tag}`],
    ['is the tag, weak', `W/${tag}`],
    ['has the tag in a list of weak ones', `W/"other", W/${tag}`],
    ...['-gzip', '--gzip', '-br', '-zstd', '-deflate', ';br', ';gz', ';gzip'].flatMap(
      (suffix): [string, string][] => [
        [`is the tag as a proxy writes it, ${suffix}`, `"${bare}${suffix}"`],
        [`is the tag as a proxy writes it, ${suffix}, weak`, `W/"${bare}${suffix}"`],
        [`has the tag in a list as a proxy writes it, ${suffix}`, `"a-gzip", "${bare}${suffix}"`],
      ],
    ),
  ];
  for (const [what, header] of matching) {
    it(`lets the change pass when it ${what}`, () => {
      expect(() => {
        requireMatch(header, entityTag(stored), 'deployment');
      }).not.to.throw();
    });
  }

  const differing: [string, string][] = [
    ['is another tag', '"other"'],
    ['is a list of other tags', '"other", "more"'],
    ['is a list of weak tags', `W/"another", W/"other"`],
    ...[
      '-gzipped-by-me',
      '-gzip-of-another',
      '-gzi',
      '-',
      ';',
      ';x',
      'gzip',
      '-gzip-',
      ' -gzip',
    ].map((suffix): [string, string] => [
      `is another tag that begins with it, ${suffix}`,
      `"${bare}${suffix}"`,
    ]),
    ['is another revision as a proxy writes it', `"2-${bare.slice(2)}-gzip"`],
    ['is another tag in weaker letters', `w/"other"`],
    ['is the empty tag', '""'],
    ['holds the tag within another one', `"${bare}0"`],
    ['holds the tag with a space in it', `" ${bare}"`],
    ['is the tag in other letters', tag.toUpperCase()],
    ['is the tag without quotes', bare],
  ];
  for (const [what, header] of differing) {
    it(`refuses the change and names the present tag when it ${what}`, () => {
      const refusal = refused(() => {
        requireMatch(header, entityTag(stored), 'deployment');
      });

      expect(refusal.code).to.equal('precondition-failed');
      expect(refusal.message).to.equal(`The deployment has changed; its ETag is now ${tag}`);
      expect(refusal.details.etag).to.equal(tag);
    });
  }

  it('refuses the change with the tag of the revision before', () => {
    const next = storedDeployment(1, { revision: 4, updated_at: instantOf(1) });

    const refusal = refused(() => {
      requireMatch(tag, entityTag(next), 'deployment');
    });
    expect(refusal.details.etag).to.equal(entityTag(next)).and.not.to.equal(tag);
  });
});
