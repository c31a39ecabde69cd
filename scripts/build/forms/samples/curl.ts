import { NEW_KEY, type SampleRequest, type Template } from './sample-request.ts';
import { withVariables } from './syntax.ts';

/** Quotes a template for a shell: in double quotes if it contains variables, otherwise in single quotes. */
function quoted(text: Template): string {
  if (!text.includes('$')) {
    return `'${text.replaceAll("'", "'\\''")}'`;
  }
  const escaped = text.replaceAll(/["\\`]/g, '\\$&');
  return `"${escaped.replace(`$${NEW_KEY}`, "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')")}"`;
}

/** Returns a JSON body for single quotes, which variables interrupt. Any other `$` in it is literal. */
const bodyOf = (json: object) =>
  withVariables(
    JSON.stringify(json, null, 2).replaceAll("'", "'\\''"),
    JSON.stringify,
    (variable) => `"'"${variable}"'"`,
  );

/** Returns a sample for a shell. */
export function curl({ method, url, headers, json, form = [] }: SampleRequest): string {
  const parts = [
    `curl --fail-with-body${method === 'GET' ? '' : ` -X ${method}`} ${quoted(url)}`,
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...form.map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`),
    ...(json ? [`-d '${bodyOf(json)}'`] : []),
  ];
  return parts.join(' \\\n  ');
}
