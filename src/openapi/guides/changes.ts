/** What a partner can rely on. */
export const changes = `## What changes and what never will

Within \`/v2\` these never change: paths, methods and scopes; the name, type and meaning of a member; what is required of a request; the \`type\` of a problem and the \`code\` of a violation; the order of lists; that \`total\` is exact.

These may change at any time, so let your program bear them: new operations; new optional parameters and members in requests; new response headers; new problem types and violation codes (treat a code that you do not know like \`invalid_format\`); other words in \`title\` and \`detail\`. A prepared ticket keeps exactly its eight members. Ids, tokens, entity tags and bookmarks are opaque: store them, do not take them apart.

An operation that is to go away is marked deprecated here. Its answers then carry \`Deprecation\` (RFC 9745, since when) and \`Sunset\` (RFC 8594, until when it works). Watch for them in your logs:

\`\`\`sh
curl -sS -o /dev/null -D - -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/prepared-tickets?limit=0" | grep -i -E '^(deprecation|sunset):' || echo 'Nothing here is deprecated.'
\`\`\`

This document for programs: [OpenAPI in JSON](/openapi.json) and [in YAML](/openapi.yaml), [Postman collection](/postman.json), [Markdown](/docs.md), [llms.txt](/llms.txt).`;
