import { API_KEY_PATTERN, CLIENT_SECRET_PATTERN } from '../../auth/secrets.ts';
import { MAX_CREDENTIALS, MAX_OVERLAP_S } from '../../resources/system/credentials.repository.ts';
import { setToken } from '../sample-variables.ts';

/** How a partner manages its own credentials, in Markdown. */
export const rotateCredentials = `## Create and rotate credentials

In this guide you create a client for a program, rotate its secret without downtime, and revoke it. A client is one of your programs that calls this API, with a secret and scopes of its own. You can have at most ${MAX_CREDENTIALS} clients and ${MAX_CREDENTIALS} API keys.

**\`credentials:manage\` effectively grants every other scope**, because whoever holds it can create a client with any scope. A token therefore gets it only if you request it explicitly. If the token request returns \`invalid_scope\`, your client does not have the scope: ask us for a client that has it. Give the scope only to one client that people use for administration, and to no program that runs unattended. These commands get a token and list your clients:

\`\`\`sh
${setToken('MANAGE', 'credentials:manage')}
curl -sS -H "Authorization: Bearer $MANAGE" -H "x-api-key: $API_KEY" $API/v2/system/clients
\`\`\`

**Create a client for each program**, with only the scopes that it needs. You can then disable one client without affecting the others, for example when its secret leaks. A client that is created without \`scopes\` can only read prepared tickets and tickets. Name \`events:read\` for a program that follows the event feed. \`prepared-tickets:pick-up\` is meant for the Customer Portal: it acts in the name of any customer of yours. The secret of a client is returned only in the response to its creation, so store it right away.

\`\`\`sh
CREATED=$(curl -sS -H "Authorization: Bearer $MANAGE" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' -H "Idempotency-Key: $(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')" $API/v2/system/clients -d '{"name": "Workshop Berlin", "scopes": ["prepared-tickets:read", "prepared-tickets:write"]}')
export NEW_CLIENT_ID=$(echo "$CREATED" | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
\`\`\`

**Rotate a secret without downtime.** The new secret is valid immediately. The old one stays valid for the overlap that you choose, up to ${MAX_OVERLAP_S / 86_400} days, but never beyond its own expiry. Rotate, give the new secret to your programs, and let the overlap elapse. If a secret has leaked, use an overlap of 0: the old secret stops working everywhere within 60 seconds. If you don't receive the response, rotate again. For that reason, never use 0 for the API key that you are sending the request with. At most five old secrets are kept. API keys work in the same way, under \`/v2/system/api-keys\`.

\`\`\`sh
curl -sS -H "Authorization: Bearer $MANAGE" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' $API/v2/system/clients/$NEW_CLIENT_ID/secrets -d '{"overlap_seconds": 86400}'
\`\`\`

**Update a client** with PUT, and send its \`ETag\` in \`If-Match\` so that you do not overwrite someone else's change. The \`ETag\` also changes whenever \`last_used_at\` is updated, which happens at most once an hour.

**Revoke access.** When you disable or delete a client or API key, when it expires, or when you remove a scope from a client, the change takes effect everywhere within 60 seconds, also for access tokens. You can undo disabling, but not deleting. Re-enabling a client does not revive its old tokens; request new ones. You cannot disable or delete the client or API key that authenticates the request: that returns 409. Rotating a secret does not revoke tokens already issued; they stay valid until they expire. If a secret was misused, disable the client, rotate the secret, then re-enable the client.

\`\`\`sh
curl -sS -X DELETE -H "Authorization: Bearer $MANAGE" -H "x-api-key: $API_KEY" $API/v2/system/clients/$NEW_CLIENT_ID
\`\`\`

**Detect leaked secrets.** Add these patterns to the secret scanner of your repositories. The last six characters are a checksum (CRC-32 of all preceding characters, in base62 with the digits first), which distinguishes a real secret from a string that only looks like one. When a code host finds one of our secrets in a public repository and reports it to us, we revoke the secret immediately and disable its client or API key. If a rotation has already replaced the secret, the client or API key stays enabled with its new secret, but the client's tokens are rejected within 60 seconds: request new ones.

| secret | pattern |
| --- | --- |
| API key | \`${API_KEY_PATTERN}\` |
| client secret | \`${CLIENT_SECRET_PATTERN}\` |

API keys for production start with \`ptk_live_\`, and all others with \`ptk_test_\`.`;
