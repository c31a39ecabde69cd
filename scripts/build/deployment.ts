import { supportContact } from '../../src/config.ts';
import type { Deployment } from '../../src/openapi/document.ts';
import { publicAddress } from '../../src/public-address.ts';

/** The variables of the Worker that the document depends on. */
export type DocumentVariables = Readonly<Partial<Record<'ISSUER' | 'SUPPORT_CONTACT', string>>>;

/**
 * Returns the deployment that these variables describe.
 *
 * @throws Error for a SUPPORT_CONTACT that is neither an e-mail address nor an https URL.
 */
export function deploymentOf({ ISSUER = '', SUPPORT_CONTACT = '' }: DocumentVariables): Deployment {
  const contact = supportContact.safeParse(SUPPORT_CONTACT);
  if (!contact.success) {
    throw new Error('SUPPORT_CONTACT is neither an e-mail address nor an https URL.');
  }
  // The build accepts the placeholder of wrangler.toml, so that a fresh clone can be built. The Worker
  // rejects it, because it is not a public address.
  const issuer = publicAddress.safeParse(ISSUER);
  return { issuer: issuer.success ? issuer.data : ISSUER, supportContact: contact.data };
}
