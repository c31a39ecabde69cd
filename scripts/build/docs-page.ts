import { html } from 'hono/html';

const configuration = JSON.stringify({
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  // The document has its own samples, which a check runs. Scalar's samples would differ from them.
  hiddenClients: true,
  showDeveloperTools: 'never',
  // Offers the document as it is served, not as the script of the page changes it for Scalar.
  documentDownloadType: 'direct',
  agent: { disabled: true },
  // Both this and `agent` would send the reader and the document to another host.
  mcp: { disabled: true },
  // Shows every operation without a click.
  defaultOpenAllTags: true,
  // Selects both credentials, because the operations need both.
  authentication: { preferredSecurityScheme: [['OAuth2', 'ApiKey']] },
});

/** The HTML page that renders `/openapi.json` with Scalar. All its files are static assets of the Worker. */
export const docsPage = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Prepared tickets</title>
<link rel="icon" href="data:,">
</head>
<body>
<div id="docs" data-url="/openapi.json" data-samples="/docs/samples.json" data-configuration="${configuration}"></div>
<script src="/docs/scalar.js"></script>
<script src="/docs/start.js"></script>
<noscript>This page needs JavaScript. The same in JSON: <a href="/openapi.json">openapi.json</a></noscript>
</body>
</html>`;
