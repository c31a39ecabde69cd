/** A page of the docs site as it is served. */
export interface ServedPage {
  readonly path: string;
  readonly html: string;
}

/** Matches the address in a link, an image, a script or a style sheet, except what only `npm run dev` adds. */
const ADDRESS = /<(?:a|link(?! rel="demo-partner")|script|img)\b[^>]*? (?:href|src)="([^"]*)"/g;
const ID = /\sid="([^"]+)"/g;

const matches = (text: string, pattern: RegExp) =>
  Array.from(text.matchAll(pattern), ([, match]) => (match as string).replaceAll('&amp;', '&'));

/** A target that pages link to: its status, and its anchors if it is HTML. */
interface Target {
  readonly status: number;
  readonly policy: string | null;
  readonly html: string | undefined;
  readonly anchors: ReadonlySet<string>;
}

async function read(origin: string, path: string): Promise<Target> {
  const response = await fetch(origin + path);
  const isHtml = response.headers.get('content-type')?.startsWith('text/html') === true;
  const text = await response.text();
  return {
    status: response.status,
    policy: response.headers.get('content-security-policy'),
    html: isHtml ? text : undefined,
    anchors: new Set(isHtml ? matches(text, ID) : []),
  };
}

/**
 * Follows every link of the docs site, beginning with its first page.
 *
 * @returns the pages of the site, and one sentence for each link, anchor or file that does not exist, and for each page
 * without a content security policy.
 */
export async function crawl(
  origin: string,
): Promise<{ readonly pages: ServedPage[]; readonly faults: string[] }> {
  const faults: string[] = [];
  const targets = new Map<string, Target>();
  const queue = [{ path: '/docs', anchor: '', from: 'The crawl' }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { path, anchor, from } = next;
    const isNew = !targets.has(path);
    const target = targets.get(path) ?? (await read(origin, path));
    targets.set(path, target);
    if (isNew && target.status !== 200) {
      faults.push(`${from} links to ${path}, which returns ${target.status}.`);
    }
    if (anchor !== '' && !target.anchors.has(anchor)) {
      faults.push(`${from} links to ${path}#${anchor}, which the page does not have.`);
    }
    if (!isNew || target.html === undefined || !/^\/docs(\/|$)/.test(path)) {
      continue;
    }
    if (!target.policy?.startsWith("default-src 'none'; script-src 'self' 'sha256-")) {
      faults.push(`${path} lacks its content security policy.`);
    }
    for (const address of matches(target.html, ADDRESS)) {
      const url = new URL(address, origin + path);
      if (url.origin === origin) {
        queue.push({
          path: url.pathname,
          anchor: decodeURIComponent(url.hash.slice(1)),
          from: path,
        });
      }
    }
  }
  const pages = [...targets].flatMap(([path, { html }]) =>
    html !== undefined && /^\/docs(\/|$)/.test(path) ? [{ path, html }] : [],
  );
  return { pages, faults };
}
