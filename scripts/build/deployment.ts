import { supportContact } from '../../src/config.ts';
import type { Deployment } from '../../src/openapi/document.ts';
import { publicAddress } from '../../src/public-address.ts';

/** The variables of a Worker that the OpenAPI document depends on. */
export type DocumentVariables = Readonly<Partial<Record<'ISSUER' | 'SUPPORT_CONTACT', string>>>;

/**
 * Returns the address and the contact that the OpenAPI document of a deployment contains.
 *
 * @throws Error if the contact is neither an e-mail address nor an https URL.
 */
export function deploymentOf({ ISSUER = '', SUPPORT_CONTACT = '' }: DocumentVariables): Deployment {
  const contact = supportContact.safeParse(SUPPORT_CONTACT);
  if (!contact.success) {
    throw new Error('SUPPORT_CONTACT is neither an e-mail address nor an https URL.');
  }
  // The placeholder in wrangler.toml is not a public address. The Worker rejects it, but the build accepts
  // it, so that a fresh clone builds.
  const issuer = publicAddress.safeParse(ISSUER);
  return { issuer: issuer.success ? issuer.data : ISSUER, supportContact: contact.data };
}
