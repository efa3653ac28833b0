import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A private key that can be used, or what is wrong with its settings, by name. */
export type PrivateKey = { readonly pem: string } | { readonly fault: string };

/**
 * Reads an RSA key in PKCS#8 PEM (RFC 7468, sections 10 and 11), encrypted or not, and returns it
 * without encryption. A fault says nothing of what is in the file.
 */
export function readPrivateKey(path: string, passphrase: string | undefined): PrivateKey {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return { fault: 'SNOWFLAKE_PRIVATE_KEY_PATH must name a file that can be read' };
  }
  const encrypted = text.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----');
  if (!encrypted && !text.includes('-----BEGIN PRIVATE KEY-----')) {
    return { fault: 'SNOWFLAKE_PRIVATE_KEY_PATH must name a private key in PKCS#8 PEM' };
  }
  if (encrypted && passphrase === undefined) {
    return { fault: 'SNOWFLAKE_PRIVATE_KEY_PASSPHRASE must be set: the key is encrypted' };
  }
  try {
    const key = createPrivateKey({ key: text, ...(encrypted && { passphrase }) });
    if (key.asymmetricKeyType !== 'rsa') {
      return { fault: 'SNOWFLAKE_PRIVATE_KEY_PATH must name an RSA key: Snowflake takes no other' };
    }
    return { pem: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
  } catch {
    return {
      fault: encrypted
        ? 'SNOWFLAKE_PRIVATE_KEY_PASSPHRASE does not open the key'
        : 'SNOWFLAKE_PRIVATE_KEY_PATH must name a private key in PKCS#8 PEM',
    };
  }
}
