/** The longest URL of an endpoint, in characters. */
export const MAX_URL_LENGTH = 2048;

/** What to send as the URL of an endpoint, in one sentence. */
export const expectedUrl = `Send an https URL of at most ${MAX_URL_LENGTH} characters, with a public host name of another server, without credentials, a fragment or a port other than 443.`;

/** The longest host name in characters (RFC 1035 §2.3.4), without the dot of the root. */
const MAX_HOST_LENGTH = 253;

/**
 * Top-level names that no public host has: reserved ones (RFC 6761, RFC 6762, RFC 7686, RFC 8375, RFC 9476), and
 * those that private networks use and ICANN does not delegate.
 */
const PRIVATE_NAMES = [
  ...['localhost', 'local', 'internal', 'invalid', 'test', 'onion', 'alt', 'arpa'],
  ...['localdomain', 'lan', 'home', 'corp', 'mail', 'intranet', 'private', 'cluster'],
  ...['svc', 'consul', 'docker'],
];

/** Matches the characters of a label, of which neither the first nor the last is a hyphen. */
const LABEL = /^(?!-)[a-z0-9-]{1,63}$/;
/** Matches the beginning of a top-level name. */
const TOP_LEVEL = /^[a-z]./;

/**
 * Returns whether a name in lower case can be that of a public host: labels of letters, digits and hyphens, of
 * which the last begins with a letter and is no private name. The parser of URLs has the last word: it knows numbers
 * that stand for addresses, and labels that are no IDN.
 */
export function isPublicHost(name: string): boolean {
  const labels = name.split('.');
  const [top = ''] = labels.slice(1).slice(-1);
  return (
    name.length <= MAX_HOST_LENGTH &&
    labels.every((label) => LABEL.test(label) && !label.endsWith('-')) &&
    TOP_LEVEL.test(top) &&
    !PRIVATE_NAMES.includes(top) &&
    URL.canParse(`https://${name}`) &&
    new URL(`https://${name}`).hostname === name
  );
}

/**
 * A URL as it must be written (RFC 3986), with its scheme in lower case. The host has only the characters that no
 * parser decodes or maps to others, so its spelling is the name that is looked up.
 */
const WRITTEN =
  /^(?:(?<secure>https):\/\/(?<host>[A-Za-z\d.-]+)(?::443)?|http:\/\/localhost(?::[1-9]\d{0,4})?)(?:[/?](?:[!$&-;=?-Z_a-z~]|%[\dA-Fa-f]{2})*)?$/;

/** What a URL is for: any deployment delivers to a public host, and only a local one to its own machine. */
type Destination = 'public' | 'local';

/** Returns what a URL is for; undefined if no deployment delivers to it. */
function destinationOf(text: string): Destination | undefined {
  const written = text.length > MAX_URL_LENGTH ? null : WRITTEN.exec(text);
  if (written === null || !URL.canParse(text)) {
    return undefined;
  }
  const { secure, host = '' } = written.groups ?? {};
  if (secure === undefined) {
    return 'local';
  }
  return isPublicHost(host.toLowerCase()) ? 'public' : undefined;
}

/** Returns whether there can be a deployment that delivers events to a URL. */
export function hasDeliverableForm(text: string): boolean {
  return destinationOf(text) !== undefined;
}

/**
 * Returns whether this API delivers events to a URL: over https on port 443 to a public host name of another
 * party. It is checked when an endpoint is saved, and again at each delivery.
 *
 * @param issuer the public address of this API. If it is local, http to localhost is accepted too, but not to
 * its own port.
 */
export function isDeliverable(text: string, issuer: string): boolean {
  const destination = destinationOf(text);
  const own = new URL(issuer);
  if (destination === undefined) {
    return false;
  }
  const { hostname, port } = new URL(text);
  return destination === 'local'
    ? own.protocol === 'http:' && port !== own.port
    : hostname !== own.hostname;
}
