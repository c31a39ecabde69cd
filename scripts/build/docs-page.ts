import { html } from 'hono/html';

const configuration = JSON.stringify({
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  // The document contains its own samples, which a check runs. Scalar would generate different ones.
  hiddenClients: true,
  showDeveloperTools: 'never',
  // Readers download the document as it is served, not as the script of the page changes it.
  documentDownloadType: 'direct',
  agent: { disabled: true },
  // Each of these would open another host with this document.
  mcp: { disabled: true },
  // A reader sees every operation at once.
  defaultOpenAllTags: true,
  // Every operation requires both credentials at once.
  authentication: { preferredSecurityScheme: [['OAuth2', 'ApiKey']] },
});

/** The page that renders `/openapi.json` with Scalar. It loads only static assets of the Worker. */
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
<noscript>This page requires JavaScript. You can also read the documentation <a href="/docs.md">in Markdown</a> or <a href="/openapi.json">as an OpenAPI document</a>.</noscript>
</body>
</html>`;
