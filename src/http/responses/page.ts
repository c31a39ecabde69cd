import { html } from 'hono/html';

/** Returns a small HTML page without scripts, which follows the colour scheme that the reader prefers. */
export function page(title: string, content: ReturnType<typeof html>) {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem}code{font-size:.95em}table{border-collapse:collapse}td,th{text-align:left;vertical-align:top;padding:.3rem 1rem .3rem 0}</style>
</head>
<body>
<h1>${title}</h1>
${content}
<p><a href="/docs">Documentation</a></p>
</body>
</html>`;
}
