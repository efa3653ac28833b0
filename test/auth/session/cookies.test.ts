import { expect } from 'chai';
import { ownCookie } from '../../../src/auth/session/cookies.js';

describe('the cookie of a session', () => {
  const rows: [publicUrl: string, name: string, attributes: string[]][] = [
    ['https://queue.example.com', '__Host-deployment-queue-session', ['Path=/', 'Secure']],
    [
      'https://example.com/tools/queue',
      '__Secure-deployment-queue-session',
      ['Path=/tools/queue', 'Secure'],
    ],
    ['http://127.0.0.1:8000', 'deployment-queue-session', ['Path=/']],
    ['http://localhost:8000/tools', 'deployment-queue-session', ['Path=/tools']],
  ];
  for (const [publicUrl, name, attributes] of rows) {
    it(`is as narrow as can be at ${publicUrl}`, () => {
      const cookie = ownCookie(publicUrl, 'session');
      const [pair, ...rest] = cookie.set('sealed', 60).split('; ');
      expect(pair).to.equal(`${name}=sealed`);
      expect(rest).to.have.members([...attributes, 'Max-Age=60', 'HttpOnly', 'SameSite=Lax']);
      expect(cookie.clear).to.match(new RegExp(`^${name}=; Max-Age=0; Path=/`));
      expect(cookie.read(`a=b; ${name}=sealed; c=d`)).to.equal('sealed');
      expect(cookie.read(`x${name}=sealed`)).to.equal(undefined);
      expect(cookie.read(undefined)).to.equal(undefined);
    });
  }

  it('is not set when browsers would not keep it', () => {
    const cookie = ownCookie('https://queue.example.com', 'session');
    expect(() => cookie.set('x'.repeat(4096), 60)).to.throw(RangeError, 'too long');
  });
});
