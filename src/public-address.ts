import { z } from 'zod';

/** Matches host names that are reserved (RFC 2606), such as the placeholder in wrangler.toml. */
const RESERVED_HOST = /(?:^|\.)(?:example|example\.(?:com|net|org))\.?$/;
const LOCAL_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Parses an origin.
 *
 * @returns undefined for any other text, such as a URL with userinfo, path, query or fragment, or with a
 * spelling that only a lenient parser accepts.
 */
function parseOrigin(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && [url.origin, `${url.origin}/`].includes(text.toLowerCase())
    ? url
    : undefined;
}

/** Returns whether a deployment can be reached at a URL: over https, or over http on this machine. */
function isReachable({ protocol, hostname }: URL): boolean {
  return protocol === 'https:'
    ? !RESERVED_HOST.test(hostname)
    : protocol === 'http:' && LOCAL_HOSTS.includes(hostname);
}

/**
 * The public address of a deployment, without a trailing slash. Tokens and documents contain it, so an
 * invalid one is rejected before it can get there.
 */
export const publicAddress = z.string().transform((text, context) => {
  const url = parseOrigin(text);
  if (url === undefined || !isReachable(url)) {
    context.addIssue({
      code: 'custom',
      message: 'Set the https origin of the deployment, without a path.',
    });
    return z.NEVER;
  }
  return url.origin;
});
