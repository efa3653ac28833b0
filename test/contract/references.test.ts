import { expect } from 'chai';
import { dereference, followReference, resolve } from '../../src/contract/references.js';

describe('references within a document', () => {
  const document = {
    paths: { '/v1/x/{id}': { get: 'the path' }, 'a~b c': 'escaped' },
    components: {
      schemas: {
        Label: { type: 'string', description: 'of all' },
        Alias: { $ref: '#/components/schemas/Label' },
        Thing: { properties: { name: { $ref: '#/components/schemas/Alias', description: 'own' } } },
        Tree: { items: [{ $ref: '#/components/schemas/Tree' }] },
        Loop: { $ref: '#/components/schemas/Loop' },
      },
    },
    list: [{ $ref: '#/components/schemas/Label' }, 'text', null],
  };
  const label = { type: 'string', description: 'of all' };

  it('are followed by JSON Pointer, in which / and ~ and what a URI has not are escaped', () => {
    expect(followReference(document, '#/paths/~1v1~1x~1%7Bid%7D/get')).to.equal('the path');
    expect(followReference(document, '#/paths/a~0b%20c')).to.equal('escaped');
  });

  for (const reference of ['#/components/schemas/Missing', 'other.yaml#/x', '#', 'Label']) {
    it(`fail when they lead to nothing: ${reference}`, () => {
      expect(() => followReference(document, reference)).to.throw(`${reference} leads to nothing`);
      expect(() => resolve(document, { $ref: reference })).to.throw(reference);
      expect(() => dereference(document, [{ $ref: reference }])).to.throw(reference);
    });
  }

  it('are resolved one after another, and what is written beside one wins', () => {
    const value = { $ref: '#/components/schemas/Alias', description: 'own' };
    expect(resolve(document, value)).to.deep.equal({ type: 'string', description: 'own' });
    expect(resolve(document, label)).to.deep.equal(label);
  });

  it('stay where they are further inside, until all are asked for', () => {
    const thing = { $ref: '#/components/schemas/Thing' };
    expect(resolve(document, thing)).to.deep.equal(document.components.schemas.Thing);
    expect(dereference(document, thing)).to.deep.equal({
      properties: { name: { type: 'string', description: 'own' } },
    });
    expect(dereference(document, document.list)).to.deep.equal([label, 'text', null]);
  });

  it('fail when they lead back to themselves', () => {
    const tree = { $ref: '#/components/schemas/Tree' };
    expect(() => dereference(document, tree)).to.throw('leads back to itself');
    expect(() => dereference(document, { $ref: '#/components/schemas/Loop' })).to.throw(
      'leads back to itself',
    );
  });

  it('are expected on objects only', () => {
    expect(() => resolve(document, 'text')).to.throw(TypeError, 'found "text"');
    expect(() => resolve(document, undefined)).to.throw(TypeError);
  });
});
