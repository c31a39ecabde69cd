import type { Credentials } from '../partner/partners.ts';
import { demoNames } from './demo-tickets.ts';

/** Returns the variables of the Worker that enable the portal. */
export function portalVariables(client: Credentials): Record<string, string> {
  return {
    PORTAL: 'demo',
    PORTAL_CLIENT: JSON.stringify(client),
    PORTAL_NAMES: JSON.stringify(demoNames()),
  };
}
