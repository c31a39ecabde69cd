import { html } from 'hono/html';

const configuration = JSON.stringify({
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  // The document brings its own samples, which a check runs; a second set would only differ.
  hiddenClients: true,
  showDeveloperTools: 'never',
  // The document as it is served, not as the page's script changes it for Scalar.
  documentDownloadType: 'direct',
  agent: { disabled: true },
  // Each would send the reader, with this document, to another host.
  mcp: { disabled: true },
  // Tags stand in the order of the alphabet; a reader shall see every operation at once.
  defaultOpenAllTags: true,
  // Both credentials at once, as every operation needs them.
  authentication: { preferredSecurityScheme: [['OAuth2', 'ApiKey']] },
});

/** The page that renders `/openapi.json` with Scalar, from the Worker's own static assets. */
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
