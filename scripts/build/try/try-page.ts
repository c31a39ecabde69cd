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

/** The page from which readers send requests, with Scalar. It loads only static assets of the Worker. */
export const tryPage = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Try it · Prepared tickets API</title>
<link rel="icon" href="data:,">
</head>
<body>
<div id="try" data-url="/openapi.json" data-samples="/docs/samples.json" data-configuration="${configuration}"></div>
<script src="/docs/try/scalar.js"></script>
<script src="/docs/try/start.js"></script>
<noscript>This page requires JavaScript. The <a href="/docs">documentation</a> does not, and has samples for each operation.</noscript>
</body>
</html>`;
