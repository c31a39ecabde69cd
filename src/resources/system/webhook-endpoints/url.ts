/** The longest URL of an endpoint, in characters. */
export const MAX_URL_LENGTH = 2048;

/** Top-level names that no public endpoint has (RFC 6761, RFC 6762, RFC 7686, RFC 9476). */
const PRIVATE_NAMES = ['localhost', 'local', 'internal', 'invalid', 'test', 'onion', 'alt', 'arpa'];

/** A public host name: labels of letters, digits and hyphens, of which the last begins with a letter. */
const PUBLIC_HOST = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** Printable ASCII without what URL parsers drop or change. */
const PLAIN = /^[!#-;=?-[\]_a-z~]+$/i;

/** Returns whether a URL is one of this machine, which only a local deployment delivers to. */
function isLocal({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && hostname === 'localhost';
}

/**
 * Returns whether this API delivers events to a URL: over https on port 443 to a public host name of another
 * party. It is checked when an endpoint is saved, and again at each delivery.
 *
 * @param issuer the public address of this API. If it is local, http to localhost is accepted too.
 */
export function isDeliverable(text: string, issuer: string): boolean {
  if (text.length > MAX_URL_LENGTH || !PLAIN.test(text) || !URL.canParse(text)) {
    return false;
  }
  const url = new URL(text);
  const own = new URL(issuer);
  const { hash, host, hostname, password, port, protocol, username } = url;
  const isPlain = username === '' && password === '' && hash === '' && !text.includes('#');
  if (!isPlain || /^[^/?#]*\/\/[^/?#]*@/.test(text) || host === own.host) {
    return false;
  }
  if (isLocal(url)) {
    return own.protocol === 'http:';
  }
  const isPublic =
    PUBLIC_HOST.test(hostname) &&
    hostname.length <= 253 &&
    !PRIVATE_NAMES.includes(hostname.slice(hostname.lastIndexOf('.') + 1));
  return protocol === 'https:' && port === '' && isPublic && hostname !== own.hostname;
}
