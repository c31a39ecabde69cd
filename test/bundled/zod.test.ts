import { expect, test } from 'vitest';
import * as zod from 'zod';
import { z } from '../../src/bundled/zod.ts';

const sources = import.meta.glob('../../src/**/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Members of zod that are types here, although zod has values with the same names. */
const types = ['core', 'input', 'output'];

/** The members of zod whose values the sources use. */
const used = new Set(
  Object.values(sources)
    .flatMap((source) => Array.from(source.matchAll(/\bz\s*\.\s*(\w+)/g), ([, name]) => `${name}`))
    .filter((name) => name in zod && !types.includes(name)),
);

// The other tests run with all of zod, so they do not notice when the Worker lacks a member.
test('src/bundled/zod-members.ts exports exactly the members of zod that the sources use', () => {
  expect(Object.keys(z).sort()).toEqual([...used].sort());
});
