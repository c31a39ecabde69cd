/** The phrase that asks for a report of an internal fault. `withSupport` adds the support address to it. */
export const REPORT = 'tell us the request_id';

/**
 * Returns a text in which every request for a report names the support address of the deployment.
 *
 * @param contact an e-mail address or an HTTPS URL. If it is undefined, the text is returned unchanged.
 */
export function withSupport(text: string, contact: string | undefined): string {
  return contact === undefined
    ? text
    : text.replaceAll(REPORT, `send the request_id to ${contact}`);
}
