/** How texts ask for a fault of ours to be reported. A deployment with a support address names it there. */
export const REPORT = 'tell us the request_id';

/**
 * Returns a text that names the support address of the deployment wherever it asks for a report.
 *
 * @param contact an e-mail address or an https URL; without one the text stays as it is.
 */
export function withSupport(text: string, contact: string | undefined): string {
  return contact === undefined
    ? text
    : text.replaceAll(REPORT, `send the request_id to ${contact}`);
}
