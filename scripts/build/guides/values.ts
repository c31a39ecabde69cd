import { ACCESS_TOKEN_LIFETIME_S } from '../../../src/auth/access-tokens.ts';
import { ON_REQUEST_ONLY } from '../../../src/auth/scopes.ts';
import { API_KEY_PATTERN, CLIENT_SECRET_PATTERN } from '../../../src/auth/secrets.ts';
import { rateLimitPolicies } from '../../../src/http/requests/rate-limit.ts';
import { REPORT } from '../../../src/problems/support.ts';
import {
  MAX_CREDENTIALS,
  MAX_OVERLAP_S,
} from '../../../src/resources/system/credentials.repository.ts';
import { EVENT_RETENTION_MS } from '../../../src/resources/system/events/events.repository.ts';
import { DELIVERY_RETENTION_MS } from '../../../src/resources/system/webhook-endpoints/deliveries.repository.ts';
import { MAX_RETRY_AFTER_MS } from '../../../src/resources/system/webhook-endpoints/delivery/deliver.ts';
import { TEST_EVENT } from '../../../src/resources/system/webhook-endpoints/delivery/message.ts';
import {
  ATTEMPT_TIMEOUT_MS,
  userAgentOf,
} from '../../../src/resources/system/webhook-endpoints/delivery/receiver.ts';
import { WEBHOOK_SECRET_PATTERN } from '../../../src/resources/system/webhook-endpoints/secrets.ts';
import { MAX_ENDPOINTS } from '../../../src/resources/system/webhook-endpoints/webhook-endpoints.repository.ts';
import {
  atMostLines,
  MAX_TICKETS,
} from '../../../src/resources/tickets/prepared-ticket-batches/bodies.ts';
import { EXAMPLE_REFERENCE } from '../../../src/resources/tickets/prepared-tickets/by-reference/path.ts';
import { MAX_LINES } from '../../../src/resources/tickets/product-line.ts';
import { STANDARD_DELAYS_S } from '../../../src/webhook-delays.ts';
import { tables } from './tables.ts';

const DAY_MS = 86_400_000;
const DAY_S = 86_400;
const HOUR_MS = 3_600_000;
const HOUR_S = 3600;

/**
 * Returns what replaces the placeholders of the guides, by their names: facts that the code defines.
 *
 * @param origin the base URL of the deployment, without a trailing slash.
 */
export const guideValues = (origin: string): Readonly<Record<string, string | number>> => ({
  ...tables,
  access_token_lifetime_s: ACCESS_TOKEN_LIFETIME_S,
  api_key_pattern: API_KEY_PATTERN,
  at_most_lines: atMostLines,
  client_secret_pattern: CLIENT_SECRET_PATTERN,
  delivery_retention_days: DELIVERY_RETENTION_MS / DAY_MS,
  event_retention_days: EVENT_RETENTION_MS / DAY_MS,
  example_reference: EXAMPLE_REFERENCE,
  max_batch_tickets: MAX_TICKETS,
  max_credentials: MAX_CREDENTIALS,
  max_endpoints: MAX_ENDPOINTS,
  max_overlap_days: MAX_OVERLAP_S / DAY_S,
  max_product_lines: MAX_LINES,
  max_retry_after_hours: MAX_RETRY_AFTER_MS / HOUR_MS,
  on_request_only: ON_REQUEST_ONLY.map((scope) => `\`${scope}\``).join(' and '),
  origin,
  partner_quota: rateLimitPolicies.partner.quota,
  partner_window_s: rateLimitPolicies.partner.windowSeconds,
  report: REPORT,
  test_event: TEST_EVENT,
  webhook_attempt_hours: Math.floor(
    STANDARD_DELAYS_S.reduce((sum, delay) => sum + delay, 0) / HOUR_S,
  ),
  webhook_attempts: STANDARD_DELAYS_S.length + 1,
  webhook_secret_pattern: WEBHOOK_SECRET_PATTERN,
  webhook_timeout_s: ATTEMPT_TIMEOUT_MS / 1000,
  webhook_user_agent: userAgentOf(origin),
});
