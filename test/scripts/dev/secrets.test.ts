import { expect, test } from 'vitest';
import { completeSecrets } from '../../../scripts/dev/secrets.ts';
import { sealingKeySet } from '../../../src/auth/sealing-keys.ts';
import { privateKey } from '../../../src/auth/signing-keys.ts';
import wranglerToml from '../../../wrangler.toml?raw';

const required = /^\[secrets\][^[]*required = (\[.*\])$/m.exec(wranglerToml)?.[1] as string;

/** Returns the name and the key of each line that assigns a secret. */
function keysIn(text: string): [string, { kid: string }][] {
  return Array.from(
    text.matchAll(/^(SIGNING_KEY_\w|WEBHOOK_KEYS)='(.*)'$/gm),
    ([, name = '', value = '']) => {
      const parsed = JSON.parse(value);
      const [only] = name === 'WEBHOOK_KEYS' ? sealingKeySet.parse(parsed).keys : [];
      return [name, only ?? privateKey.parse(parsed)];
    },
  );
}

test('adds a different key to an empty file for each secret that the Worker requires', async () => {
  const { text, added, dropped } = await completeSecrets('');
  const keys = keysIn(text);
  expect(keys.map(([name]) => name)).toEqual(JSON.parse(required));
  expect(new Set(keys.map(([, { kid }]) => kid)).size).toBe(keys.length);
  expect(text.split('\n')).toHaveLength(keys.length + 1);
  expect({ added, dropped }).toEqual({ added: JSON.parse(required), dropped: false });
});

test('leaves a complete file unchanged', async () => {
  const { text } = await completeSecrets('# mine\nOTHER=1');
  expect(await completeSecrets(text)).toEqual({ text, added: [], dropped: false });
  const spaced = 'export SIGNING_KEY_A = 1\r\nSIGNING_KEY_B="2"\r\n WEBHOOK_KEYS=3';
  expect(await completeSecrets(spaced)).toEqual({ text: spaced, added: [], dropped: false });
});

test('adds a missing secret below the existing lines', async () => {
  const mine = "#SIGNING_KEY_B=1\nOTHER='x'\nSIGNING_KEY_A='kept'\nWEBHOOK_KEYS='kept too'";
  const { text, added } = await completeSecrets(mine);
  expect(added).toEqual(['SIGNING_KEY_B']);
  expect(text.startsWith(`${mine}\nSIGNING_KEY_B='{`)).toBe(true);
  expect(keysIn(text.slice(mine.length))).toHaveLength(1);
});

test.each([
  ["SIGNING_KEYS='{}'\n", ''],
  ['SIGNING_KEYS=', ''],
  ["A=1\nSIGNING_KEYS='{\n}' # old\nB=2\n", 'A=1\nB=2\n'],
  ['A=1\r\n export SIGNING_KEYS = "{}"\r\nB=2\r\n', 'A=1\r\nB=2\r\n'],
])('removes only the obsolete SIGNING_KEYS from %j', async (old, rest) => {
  const { text, added, dropped } = await completeSecrets(old);
  expect({ added, dropped }).toEqual({ added: JSON.parse(required), dropped: true });
  expect(text.startsWith(`${rest}SIGNING_KEY_A=`)).toBe(true);
});
