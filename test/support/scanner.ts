import { exportSPKI, generateKeyPair } from 'jose';
import { derSignature } from './der.ts';

const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });

/** The address at which GitHub publishes its keys. */
export const KEYS_URL = 'https://api.github.com/meta/public_keys/secret_scanning';
/** The published keys: a key of the tests and a real key of GitHub. */
export const scannerKeys = {
  public_keys: [
    { key_identifier: 'tests', key: await exportSPKI(publicKey), is_current: false },
    {
      key_identifier: 'bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c',
      key: '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd\nAjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw==\n-----END PUBLIC KEY-----\n',
      is_current: true,
    },
  ],
};

/** The sample request of GitHub's documentation with its real signature. */
export const sample = {
  body: '[{"source":"commit","token":"some_token","type":"some_type","url":"https://example.com/base-repo-url/"}]',
  headers: {
    'github-public-key-identifier':
      'bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c',
    'github-public-key-signature':
      'MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg==',
  },
};

/** Returns the headers of a report that the key of the tests signs. */
export async function signedBy(body: string): Promise<Record<string, string>> {
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const raw = await crypto.subtle.sign(algorithm, privateKey, new TextEncoder().encode(body));
  return {
    'github-public-key-identifier': 'tests',
    'github-public-key-signature': btoa(String.fromCharCode(...derSignature(new Uint8Array(raw)))),
  };
}
