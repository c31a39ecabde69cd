import { withSupport } from '../../../src/problems/support.ts';

/** Returns the address of a link to a support contact: that of the page, or a `mailto:`. */
export const supportLink = (contact: string | undefined): string | undefined =>
  contact === undefined || contact.startsWith('https:') ? contact : `mailto:${contact}`;

/** Matches a block of code, in which nothing is a link. */
const CODE = /(^```[\s\S]*?^```$)/m;

/**
 * Returns a page in Markdown in which every request for a report links to the support contact of the deployment.
 * Examples of responses name it as they are.
 *
 * @param contact an e-mail address or an HTTPS URL. If it is undefined, the page is returned unchanged.
 */
export function withSupportLinks(markdown: string, contact: string | undefined): string {
  if (contact === undefined) {
    return markdown;
  }
  const link = `[${contact}](${supportLink(contact)})`;
  return withSupport(markdown, contact)
    .split(CODE)
    .map((part, i) => (i % 2 === 1 ? part : part.replaceAll(` to ${contact}`, ` to ${link}`)))
    .join('');
}
