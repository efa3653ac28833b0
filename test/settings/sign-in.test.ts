import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { invalidSettings, settingsWith } from '../support/settings.js';

describe('the settings of signing in', () => {
  const key = randomBytes(32);
  const all = {
    GITHUB_OAUTH_CLIENT_ID: 'Ov23liAbCdEfGhIjKlMn',
    GITHUB_OAUTH_CLIENT_SECRET: 'a secret of the app',
    PUBLIC_URL: 'https://queue.example.com/tools/',
    SESSION_KEYS: key.toString('base64'),
  };

  it('are put together', () => {
    expect(settingsWith(all).signIn).to.deep.equal({
      clientId: 'Ov23liAbCdEfGhIjKlMn',
      clientSecret: 'a secret of the app',
      serverUrl: 'https://github.com',
      publicUrl: 'https://queue.example.com/tools',
      keys: [new Uint8Array(key)],
      lifetimeSeconds: 28_800,
    });
  });

  it('are none while no app is named, or authentication is off', () => {
    expect(settingsWith().signIn).to.equal(undefined);
    expect(settingsWith({ PUBLIC_URL: all.PUBLIC_URL }).signIn).to.equal(undefined);
    expect(settingsWith({ ...all, AUTH_ENABLED: 'false' }).signIn).to.equal(undefined);
  });

  it('have several keys, the first of which is the new one', () => {
    const old = randomBytes(32);
    const list = `${key.toString('base64url')}, ${old.toString('base64')}`;
    const { signIn } = settingsWith({ ...all, SESSION_KEYS: list });
    expect(signIn?.keys).to.deep.equal([new Uint8Array(key), new Uint8Array(old)]);
  });

  it('belong together, and each that is missing is named', () => {
    const { faults } = invalidSettings({ GITHUB_OAUTH_CLIENT_ID: all.GITHUB_OAUTH_CLIENT_ID });
    expect(faults.map((fault) => fault.split(' ')[0])).to.have.members([
      'GITHUB_OAUTH_CLIENT_SECRET',
      'PUBLIC_URL',
      'SESSION_KEYS',
    ]);
    expect(faults[0]).to.include('must be set as well');
  });

  it('are told of all at once when they are wrong, without their values', () => {
    const wrong = {
      GITHUB_OAUTH_CLIENT_ID: 'no id',
      GITHUB_OAUTH_CLIENT_SECRET: all.GITHUB_OAUTH_CLIENT_SECRET,
      PUBLIC_URL: 'http://queue.example.com',
      SESSION_KEYS: `${all.SESSION_KEYS},tooshort`,
      SESSION_LIFETIME: '59',
    };
    const { faults, message } = invalidSettings(wrong);
    expect(faults.map((fault) => fault.split(' ')[0])).to.have.members([
      'GITHUB_OAUTH_CLIENT_ID',
      'PUBLIC_URL',
      'SESSION_KEYS',
      'SESSION_LIFETIME',
    ]);
    for (const secret of [all.SESSION_KEYS, 'tooshort', all.GITHUB_OAUTH_CLIENT_SECRET]) {
      expect(message).not.to.include(secret);
    }
  });
});
