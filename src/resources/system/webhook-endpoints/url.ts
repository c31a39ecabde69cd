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

/** The longest label of a host name in characters (RFC 1035 §2.3.4). */
const MAX_LABEL_LENGTH = 63;

/**
 * A host name of two or more labels, of which the last begins with a letter. It has only the characters that no parser
 * decodes or maps to others, so its spelling is the name that is looked up.
 */
const HOST = '(?:[A-Za-z0-9](?:-*[A-Za-z0-9])*\\.)+[A-Za-z](?:-*[A-Za-z0-9])+';
const HOST_NAME = new RegExp(`^${HOST}$`);
/** What only a local deployment delivers to, as another alternative beside a public host. */
const OR_LOCAL = '|http://localhost(?::[1-9][0-9]{0,4})?';
/** The path and the query, of which either may be missing. */
const REST = '(?:[/?](?:[!$&-;=?-Z_a-z~]|%[0-9A-Fa-f]{2})*)?';

/** The pattern of URLs in requests. `isPublicHost` refuses more. */
export const sentUrlPattern = `^(?:https://${HOST}(?::443)?${OR_LOCAL})${REST}$`;
/** The pattern of URLs in responses. URLs from before a rule keep what it refuses. */
export const storedUrlPattern = `^(?:https://${OR_LOCAL})[!-~]*$`;

/**
 * Returns the text of a document, in which the patterns accept http only if the deployment is local.
 *
 * @param issuer the public address of the API.
 */
export const withDeliverable = (text: string, issuer: string): string =>
  isLocal(issuer) ? text : text.replaceAll(OR_LOCAL, '');

const isLocal = (issuer: string) => new URL(issuer).protocol === 'http:';

/**
 * Returns whether a name in lower case can be that of a public host, of which no label is too long and the last is no
 * private name. The parser of URLs has the last word: it knows numbers that stand for addresses, and labels that are no
 * IDN.
 */
export function isPublicHost(name: string): boolean {
  const labels = name.split('.');
  return (
    name.length <= MAX_HOST_LENGTH &&
    HOST_NAME.test(name) &&
    labels.every(({ length }) => length <= MAX_LABEL_LENGTH) &&
    !PRIVATE_NAMES.includes(labels.at(-1) as string) &&
    URL.canParse(`https://${name}`) &&
    new URL(`https://${name}`).hostname === name
  );
}

/** A URL as it must be written (RFC 3986), with its scheme in lower case. */
const WRITTEN = new RegExp(sentUrlPattern.replace(HOST, `(?<host>${HOST})`));

/** What a URL is for: any deployment delivers to a public host, and only a local one to its own machine. */
type Destination = 'public' | 'local';

/** Returns what a URL is for; undefined if no deployment delivers to it. */
function destinationOf(text: string): Destination | undefined {
  const written = text.length > MAX_URL_LENGTH ? null : WRITTEN.exec(text);
  if (written === null || !URL.canParse(text)) {
    return undefined;
  }
  const host = written.groups?.host;
  if (host === undefined) {
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
  return destination === 'local' ? isLocal(issuer) && port !== own.port : hostname !== own.hostname;
}
