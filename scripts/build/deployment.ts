import { supportContact } from '../../src/config.ts';
import type { Deployment } from '../../src/openapi/document.ts';
import { publicAddress } from '../../src/public-address.ts';

/** The variables of a Worker that the document depends on. */
export type DocumentVariables = Readonly<Partial<Record<'ISSUER' | 'SUPPORT_CONTACT', string>>>;

/**
 * Returns what the document says of a deployment with these variables.
 *
 * @throws Error for a contact that is neither an e-mail address nor an https URL.
 */
export function deploymentOf({ ISSUER = '', SUPPORT_CONTACT = '' }: DocumentVariables): Deployment {
  const contact = supportContact.safeParse(SUPPORT_CONTACT);
  if (!contact.success) {
    throw new Error('SUPPORT_CONTACT is neither an e-mail address nor an https URL.');
  }
  // The placeholder of wrangler.toml is no public address. The Worker refuses it; the build takes it, so
  // that a fresh clone can be built.
  const issuer = publicAddress.safeParse(ISSUER);
  return { issuer: issuer.success ? issuer.data : ISSUER, supportContact: contact.data };
}
