/** How a partner gets all of its tickets out. */
export const keepACopy = `## Keep a copy

The export returns all tickets that match your filters, with their product lines, up to 10,000 a request. Use it to fill a data warehouse or to compare your ERP with the tickets here.

1. Download page after page. The \`Link\` header of each response has the address of the next page (\`rel="next"\`); on the last page it has none.

\`\`\`sh
NEXT="$API/v2/tickets/prepared-ticket-export?limit=10000"
: > tickets.ndjson
while [ -n "$NEXT" ]; do
  curl -sS --fail-with-body -D headers.txt -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$NEXT" -o page.ndjson || break
  cat page.ndjson >> tickets.ndjson
  NEXT=$(tr -d '\\r' < headers.txt | sed -n 's/^[Ll]ink: .*<\\([^>]*\\)>; rel="next".*/\\1/p')
done
wc -l < tickets.ndjson
\`\`\`

Each line is one ticket in JSON. For a spreadsheet, ask for CSV:

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" -H 'Accept: text/csv' "$API/v2/tickets/prepared-ticket-export?limit=3"
\`\`\`

- Tickets come oldest first. Tickets that are created while you read the pages come last, and no ticket is skipped or repeated, whatever is created or deleted meanwhile.
- If a download breaks off, the loop stops before it adds the incomplete page. Run the loop again to continue with this page. If you store the address in \`NEXT\`, you can continue days later.
- The address of a following page is valid only for you and for the same filters. Otherwise the response is 400 with a violation of \`after\`.
- Tickets that were picked up are not in the export. List them with \`/v2/tickets/tickets\`.
- To learn of each change after the export, see the guide "Follow changes".
- In CSV a value that is null is an empty field, and the product lines are left out.`;
