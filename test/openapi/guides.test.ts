import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { ON_REQUEST_ONLY } from '../../src/auth/scopes.ts';
import { eventTypes } from '../../src/db/events.ts';
import { rateLimitPolicies } from '../../src/http/requests/rate-limit.ts';
import { catalogue } from '../../src/problems/catalogue.ts';
import type { ProblemDefinition } from '../../src/problems/definition.ts';
import { violationCodes } from '../../src/problems/violation-codes.ts';
import { ORIGIN } from '../support/api.ts';
import { document } from '../support/document.ts';

interface Described {
  description: string;
}

const described: string = document.info.description;
const ofTag = (name: string): string =>
  document.tags.find((tag: { name: string }) => tag.name === name).description;
/** The rows of the tables. */
const rows = described.split('\n').filter((line) => line.startsWith('| '));
const problems = Object.entries<ProblemDefinition>(catalogue);
const types = [...new Set(Object.values(catalogue).map(({ type }) => type))];

describe('the description has each guide with an example to copy', () => {
  test.each([
    'First request in five minutes',
    'Why does my customer not see the ticket?',
    'Sync by your own reference',
    'Move your tickets here',
    'Keep a copy',
    'Generate a client',
    'Follow changes',
    'Receive webhooks',
    'Errors',
    'Retry, idempotency and conditional updates',
    'Sync your ERP',
    'Lists, filters and pagination',
    'Create and rotate credentials',
    'Rate limits',
    'Read your writes',
    'What changes and what never will',
  ])('%s', (title) => {
    const guide = described.split('\n## ').find((part) => part.startsWith(`${title}\n`));
    expect(guide).toMatch(/```sh\n[^`]+```/);
  });

  test.each(['Access tokens', 'Prepared tickets'])('the guide to the tag %s', (tag) => {
    expect(ofTag(tag)).toMatch(/```sh\n[^`]+```/);
  });

  test('the first request takes five commands of one line', () => {
    const [, guide = ''] = described.split('## First request in five minutes');
    const [steps = ''] = guide.split('\n## ');
    expect([...steps.matchAll(/```sh\n([^`]+?)\n```/g)].map(([, block]) => block)).toEqual(
      Array.from({ length: 5 }, () => expect.not.stringContaining('\n')),
    );
    expect(steps).toContain(`API=${ORIGIN} `);
  });
});

describe('the guides explain every problem and code', () => {
  test.each(problems)(
    'the guide to errors lists %s only if a partner can receive it',
    (_name, problem) => {
      const start = `- **${problem.status} ${problem.title}**, `;
      const row = described.split('\n').find((line) => line.startsWith(start));
      if (problem.isInternal) {
        expect(row).toBeUndefined();
        return;
      }
      expect(row).toContain(problem.type);
      expect(row).toContain(problem.meaning.replaceAll('<', '&lt;'));
      expect(row).toContain(problem.remedy.replaceAll('<', '&lt;'));
    },
  );

  test.each(Object.entries(violationCodes))(
    'the code %s has a row in the guide and on the page of violations',
    async (code, meaning) => {
      const row = `| \`${code}\` | ${meaning} |`;
      expect(rows).toContain(row);
      const page = await env.ASSETS.fetch(`${ORIGIN}/docs/problems/violations.md`);
      expect(await page.text()).toContain(row);
    },
  );

  test('any other problem type is about:blank or registered with IANA', () => {
    for (const type of types.filter((candidate) => !candidate.startsWith('/'))) {
      expect(type).toMatch(
        /^(about:blank|https:\/\/iana\.org\/assignments\/http-problem-types#[a-z-]+)$/,
      );
    }
  });

  test('the guide to errors lists every error of the token endpoint', () => {
    const codes: string[] = document.components.schemas.OAuthError.properties.error.examples;
    expect(codes.length).toBeGreaterThan(0);
    for (const code of codes) {
      expect(rows.some((row) => row.startsWith(`| \`${code}\` |`))).toBe(true);
    }
  });
});

test('the guide to rate limits states the enforced quotas', () => {
  for (const { name, quota, windowSeconds } of Object.values(rateLimitPolicies)) {
    const row = rows.find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row).toContain(`${quota} in ${windowSeconds} seconds`);
  }
});

test('the guide to access tokens lists every scope', () => {
  const { scopes } = document.components.securitySchemes.OAuth2.flows.clientCredentials;
  for (const scope of Object.keys(scopes)) {
    expect(ofTag('Access tokens')).toContain(`| \`${scope}\` |`);
  }
});

test('the guide to access tokens names the scopes that a token gets only on request', () => {
  const sentence = ofTag('Access tokens')
    .split('. ')
    .find((part) => part.includes('has every scope of its client except'));
  for (const scope of ON_REQUEST_ONLY) {
    expect(sentence).toContain(`\`${scope}\``);
  }
});

test('the guide to the event feed lists every event type once', () => {
  const guide = described.split('\n## ').find((part) => part.startsWith('Follow changes\n')) ?? '';
  const listed = guide
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => (line.split(' | ')[0] as string).match(/(?<=`)[a-z_.]+(?=`)/g) ?? []);
  expect(listed.sort()).toEqual([...eventTypes].sort());
});

test('no guide contains anything that a browser would parse as an HTML tag', () => {
  for (const guide of [described, ...document.tags.map((tag: Described) => tag.description)]) {
    const prose = guide.replaceAll(/```[\s\S]*?```|`[^`]*`/g, '');
    expect(prose.match(/<[a-z/!][^>]*>?/gi)).toBeNull();
  }
});
