import { z } from 'zod';

/** Names that nobody can have (RFC 2606), as in the placeholder of wrangler.toml. */
const RESERVED_HOST = /(?:^|\.)(?:example|example\.(?:com|net|org))\.?$/;
const LOCAL_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Returns the origin that a text names, and nothing else: no userinfo, path, query or fragment, and no
 * spelling that only a lenient parser takes. Undefined for any other text.
 */
function originOf(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && [url.origin, `${url.origin}/`].includes(text.toLowerCase())
    ? url
    : undefined;
}

/** Whether a deployment can be reached there: over https, or over http on this machine. */
function isReachable({ protocol, hostname }: URL): boolean {
  return protocol === 'https:'
    ? !RESERVED_HOST.test(hostname)
    : protocol === 'http:' && LOCAL_HOSTS.includes(hostname);
}

/**
 * The public address of a deployment, without a slash at its end. Tokens and documents name it, so that
 * a wrong one must not get that far.
 */
export const publicAddress = z.string().transform((text, context) => {
  const url = originOf(text);
  if (url === undefined || !isReachable(url)) {
    context.addIssue({ code: 'custom', message: 'This is no public address.' });
    return z.NEVER;
  }
  return url.origin;
});
