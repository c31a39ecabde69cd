import { expect, test } from 'vitest';

/** Why a statement names no partner, by the file and the function that runs it. */
const reasons = {
  ofAllPartners: {
    'db/idempotency.ts removeExpiredKeys': 'A cron task removes the expired keys of all partners.',
    'resources/leaked-secrets/leaked-secrets.repository.ts revokeLeakedSecrets':
      'A report of leaked secrets does not say whose they are.',
    'resources/system/credentials.repository.ts removeRetiredSecrets':
      'A cron task removes the retired secrets of all partners.',
    'resources/system/events/events.repository.ts removeExpiredEvents':
      'A cron task finds the partners with expired events.',
    'resources/system/webhook-endpoints/deliveries.repository.ts removeDeliveries':
      'A cron task removes the deliveries of all endpoints, also of deleted ones.',
    'resources/system/webhook-endpoints/delivery/delivery.repository.ts findDue':
      'A Durable Object knows the id of its endpoint only, and learns the partner from the row.',
    'resources/system/webhook-endpoints/delivery/lagging.repository.ts findLagging':
      'A cron task wakes the lagging endpoints of all partners.',
    'resources/system/webhook-endpoints/denied-hosts.repository.ts findDenial':
      'The operator denies hosts for all partners.',
    'resources/system/webhook-endpoints/resealing.repository.ts resealSecrets':
      'A cron task seals the secrets of all endpoints with the current key.',
    'resources/tickets/prepared-tickets/merge-buckets.repository.ts mergeBuckets':
      'A cron task finds the sparse buckets of all partners.',
    'resources/tickets/prepared-tickets/quota.repository.ts updateFullPartners':
      'A cron task compares the tickets and product lines of all partners with their quotas.',
  },
  beforeAuthentication: {
    'auth/credentials.repository.ts findClient': 'A client authenticates with its id and secret.',
    'auth/scanner-keys.repository.ts findScannerKeys':
      'The keys verify who sends a report of leaked secrets.',
    'auth/scanner-keys.repository.ts keepScannerKeys':
      'The keys verify who sends a report of leaked secrets.',
    'resources/health/health.repository.ts appliedMigrations':
      'Anyone may ask whether the service is ready.',
  },
};

const files = import.meta.glob('../../src/**/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Returns each use of a word in the code of `src`, as the file and the function around it. */
function usesOf(word: RegExp): string[] {
  return Object.entries(files).flatMap(([path, text]) => {
    let around = '';
    return text.split('\n').flatMap((line) => {
      around =
        /^(?:export )?(?:async )?(?:function\*?|const|class) (\w+)/.exec(line)?.[1] ?? around;
      const isComment = /^\s*(?:\/?\*|\/\/)/.test(line);
      return word.test(line) && !isComment ? [`${path.slice('../../src/'.length)} ${around}`] : [];
    });
  });
}

const definition = 'db/client.ts Database';

test.each(Object.entries(reasons))('each use of %s has its reason', (name, reasonOf) => {
  const uses = usesOf(new RegExp(`\\b${name}\\b`)).filter((use) => use !== definition);
  expect(uses.sort()).toEqual(Object.keys(reasonOf).sort());
});
