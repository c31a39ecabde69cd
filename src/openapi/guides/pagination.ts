/** How lists are filtered and paged, in Markdown. */
export const pagination = `## Lists, filters and pagination

A list response contains \`query\` (the applied parameters, including defaults), \`result\` (one page) and \`total\` (the exact number of matches). The newest tickets come first. If you send several filters, the list contains only tickets that match all of them.

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/prepared-tickets?vin=jh4ka7630pc007649&created_after=2019-08-24T14:15:22Z&limit=10"
\`\`\`

- Pages: choose them with \`limit\` (0 to 1000, default 25) and \`offset\`. Follow the \`rel="next"\` URL in the \`Link\` header until a response has none. \`limit=0\` returns only the total.
- Times: send RFC 3339 date-times with a time zone. Write the \`+\` of an offset as \`%2B\` in a URL. \`created_after\` and \`created_before\` are exclusive bounds.
- VINs: upper and lower case are equivalent. An empty \`vin=\` returns the tickets without a VIN.
- Errors: an unknown, repeated or empty parameter returns 400, so that a typo never returns the whole list. Only \`vin\` and \`preparer_external_reference\` may be empty.
- Changes while paging: tickets created while you are paging shift the remaining results. To keep pages stable, set \`created_before\` to a fixed time; only deletions can then shift them.

To read all your tickets, use the export instead: see the guide "Keep a copy".`;
