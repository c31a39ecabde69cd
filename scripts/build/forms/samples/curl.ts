import { NEW_KEY, type SampleRequest, type Template } from './sample-request.ts';

/** Single quotes hold everything but themselves; double quotes are for texts with variables. */
function quoted(text: Template): string {
  if (!text.includes('$')) {
    return `'${text.replaceAll("'", "'\\''")}'`;
  }
  const escaped = text.replaceAll(/["\\`]/g, '\\$&');
  return `"${escaped.replace(`$${NEW_KEY}`, "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')")}"`;
}

/** A sample for a shell. */
export function curl({ method, url, headers, json, form = [] }: SampleRequest): string {
  const parts = [
    `curl --fail-with-body${method === 'GET' ? '' : ` -X ${method}`} ${quoted(url)}`,
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...form.map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`),
    // A body is never a template: a `$` in it is a `$`.
    ...(json ? [`-d '${JSON.stringify(json, null, 2).replaceAll("'", "'\\''")}'`] : []),
  ];
  return parts.join(' \\\n  ');
}
