/** The guide to what a partner can rely on, in Markdown. */
export const changes = `## What changes and what never will

Within \`/v2\` these never change: paths, methods and scopes; the name, type and meaning of a member; the requirements for a request; the \`type\` of a problem and the \`code\` of a violation; the order of lists; the exactness of \`total\`.

These can be added or changed at any time, so write your program to tolerate them: new operations; new optional parameters and members in requests; new response headers; new problem types and violation codes (treat an unknown code like \`invalid_format\`); new event types and new values of a ticket's \`state\`; the wording of \`title\` and \`detail\`. A prepared ticket keeps exactly its eight members. Identifiers, tokens, ETags and bookmarks are opaque: store them, but do not parse them.

An operation that will be removed is first marked as deprecated in this document. Its responses then carry \`Deprecation\` (RFC 9745: the date since which it is deprecated) and \`Sunset\` (RFC 8594: the date until which it works). Check your logs for these headers. This command shows them, if there are any:

\`\`\`sh
curl -sS -o /dev/null -D - -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/prepared-tickets?limit=0" | grep -i -E '^(deprecation|sunset):' || echo 'Nothing here is deprecated.'
\`\`\`

This document is also available in other formats: [OpenAPI in JSON](/openapi.json) and [in YAML](/openapi.yaml), [Postman collection](/postman.json), [Markdown](/docs.md), [llms.txt](/llms.txt).`;
