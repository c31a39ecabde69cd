/** @jsxImportSource hono/jsx */
import { html } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { About } from '../about.ts';

/** The pages that every page links to, by their path. */
const links = { '/portal': 'Customers', '/portal/events': 'Events', '/docs': 'API docs' };

/**
 * Returns a page, which becomes complete with what its footer says.
 *
 * @param heading the heading, which the title of the window repeats.
 * @param options the path of the page, if every page links to it, and the path of its script.
 */
export function document(
  heading: string,
  content: Child,
  { path, script }: { path?: keyof typeof links; script?: string } = {},
) {
  return ({ version, support }: About) =>
    html`<!doctype html>${(
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>{`${heading} – Customer Portal demo`}</title>
          <link rel="icon" href="/docs/mark.svg" type="image/svg+xml" />
          <link rel="stylesheet" href="/docs/identity.css" />
          <link rel="stylesheet" href="/portal/portal.css" />
          {script !== undefined && <script src={script} defer />}
        </head>
        <body>
          <a class="skip" href="#content">
            Skip to the content
          </a>
          <header>
            <p class="brand">
              <img src="/docs/mark.svg" alt="" width="22" height="22" />
              Customer Portal <span class="badge">Demo</span>
            </p>
            <nav aria-label="Portal">
              {Object.entries(links).map(([target, name]) => (
                <a href={target} aria-current={target === path ? 'page' : undefined}>
                  {name}
                </a>
              ))}
            </nav>
          </header>
          <main id="content">
            <h1>{heading}</h1>
            {content}
          </main>
          <footer>
            <p>
              This demo calls the operations of the API with a client and an API key of its own. The
              API knows customers, services and vehicles by their ids only. Their names belong to
              the demo.
            </p>
            <ul>
              <li>Version {version} of the API</li>
              <li>
                <a href="/docs/changelog">Changelog</a>
              </li>
              {support !== undefined && (
                <li>
                  <a href={support}>Support</a>
                </li>
              )}
            </ul>
          </footer>
        </body>
      </html>
    )}`;
}
