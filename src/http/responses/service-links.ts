/** The `Link` to the OpenAPI document and to the documentation for people (RFC 8631). */
export const SERVICE_LINKS = [
  '</openapi.json>; rel="service-desc"; type="application/json"',
  '</docs>; rel="service-doc"; type="text/html"',
].join(', ');

/** The `Link` to the API catalog (RFC 9727 §3). */
export const CATALOG_LINK = '</.well-known/api-catalog>; rel="api-catalog"';
