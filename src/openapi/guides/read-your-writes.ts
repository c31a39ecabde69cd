import { BOOKMARK_HEADER } from '../../http/responses/bookmark.ts';

/** The guide to bookmarks, in Markdown. */
export const readYourWrites = `## Read your writes

Every write returns an \`${BOOKMARK_HEADER}\` header. Send it with your next request to guarantee that the request sees the write, whichever region serves it. Without it, reads can briefly lag behind writes. The second command lists the ticket that the first one created:

\`\`\`sh
BOOKMARK=$(curl -sS -D - -o /dev/null -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' $API/v2/tickets/prepared-tickets -d '{"customer_id": "160c0c4b-9966-4dc1-a916-8407eb10d74e", "vehicle_model_id": 4711, "vin": null, "preparer_external_reference": "ORDER-1003"}' | tr -d '\\r' | sed -n 's/^${BOOKMARK_HEADER}: //p')
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" -H "${BOOKMARK_HEADER}: $BOOKMARK" "$API/v2/tickets/prepared-tickets?limit=1"
\`\`\``;
