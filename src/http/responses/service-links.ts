/** Where the document for programs and the one for people are (RFC 8631). */
export const SERVICE_LINKS = [
  '</openapi.json>; rel="service-desc"; type="application/json"',
  '</docs>; rel="service-doc"; type="text/html"',
].join(', ');

/** Where the catalogue of this address is (RFC 9727 §3). */
export const CATALOG_LINK = '</.well-known/api-catalog>; rel="api-catalog"';
