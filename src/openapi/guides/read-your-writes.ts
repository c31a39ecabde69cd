import { BOOKMARK_HEADER } from '../../http/responses/bookmark.ts';

/** Bookmarks. */
export const readYourWrites = `## Read your writes

A write answers with the header \`${BOOKMARK_HEADER}\`; send it back with the next request, and that request sees the write, wherever in the world it is answered. Without it, a read may be a moment behind.

\`\`\`sh
BOOKMARK=$(curl -sS -D - -o /dev/null -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' $API/v2/tickets/prepared-tickets -d '{"customer_id": "160c0c4b-9966-4dc1-a916-8407eb10d74e", "vehicle_model_id": 4711, "vin": null, "preparer_external_reference": "ORDER-1003"}' | tr -d '\\r' | sed -n 's/^${BOOKMARK_HEADER}: //p')
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" -H "${BOOKMARK_HEADER}: $BOOKMARK" "$API/v2/tickets/prepared-tickets?limit=1"
\`\`\``;
