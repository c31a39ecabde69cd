import { API_KEY_PATTERN, CLIENT_SECRET_PATTERN } from '../../auth/secrets.ts';
import { MAX_CREDENTIALS } from '../../resources/system/credential-creation.repository.ts';
import { MAX_OVERLAP_S } from '../../resources/system/rotation.repository.ts';
import {
  READ_TAG_AGAIN,
  setETag,
  setId,
  setToken,
  VARIABLES_HEADING,
} from '../sample-variables.ts';

const CLIENTS = '$API/v2/system/clients';

/** Of the tag "Clients": everything that a partner does with its own credentials. */
export const clients = `Your programs, each with its own secret and scopes. Clients and API keys are yours to make, rotate and end, with the scope \`credentials:manage\`; at most ${MAX_CREDENTIALS} of each.

**The scope \`credentials:manage\`** is as good as every other, for who has it can make a client with any. So no token has it by accident: ask for it by name. If that is answered with \`invalid_scope\`, your client does not have it: ask us for one that has. Keep it to one client that people use and no program does every day.

\`\`\`sh
${setToken('MANAGE', 'credentials:manage')}
curl -sS -H "Authorization: Bearer $MANAGE" -H "x-api-key: $API_KEY" $API/v2/system/clients
\`\`\`

**Give each program a client of its own**, with the scopes that it needs: one that leaks or leaves is then ended alone. A client that is made without \`scopes\` may only read. Its secret is in the answer to its creation and nowhere else, ever.

\`\`\`sh
CREATED=$(curl -sS -H "Authorization: Bearer $MANAGE" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' -H "Idempotency-Key: $(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')" $API/v2/system/clients -d '{"name": "Workshop Berlin", "scopes": ["prepared-tickets:read", "prepared-tickets:write"]}')
export NEW_CLIENT_ID=$(echo "$CREATED" | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
\`\`\`

**Rotate without a pause.** A new secret is valid at once, and the one before stays valid for the overlap that you choose, up to ${MAX_OVERLAP_S / 86_400} days, though never beyond its own end. Rotate, give the new one to your programs, and let the overlap run out. An overlap of 0 ends the old one now, which is heeded everywhere within 60 seconds: for a secret that leaked. If the answer is lost, rotate again; so never choose 0 for the API key that you send the request with. Five old secrets are kept at most. The same goes for API keys, under \`/v2/system/api-keys\`.

\`\`\`sh
curl -sS -H "Authorization: Bearer $MANAGE" -H "x-api-key: $API_KEY" -H 'Content-Type: application/json' $API/v2/system/clients/$NEW_CLIENT_ID/secrets -d '{"overlap_seconds": 86400}'
\`\`\`

**Edit one** with PUT, and send the \`ETag\` in \`If-Match\` so as to overwrite nobody's change. \`last_used_at\` is part of what the tag stands for, so it changes with use too, once an hour at most.

**End one.** What is disabled, deleted, expired, or taken from a client's scopes is refused within 60 seconds everywhere, access tokens included. Disabling can be taken back; deleting cannot. A client that is enabled again needs new tokens: those of before do not come back. A request cannot end the client or the key that it is sent with. Rotation does not end tokens that were issued: they live on for their hour, so disable a client whose secret was misused, rotate, and enable it again.

\`\`\`sh
curl -sS -X DELETE -H "Authorization: Bearer $MANAGE" -H "x-api-key: $API_KEY" $API/v2/system/clients/$NEW_CLIENT_ID
\`\`\`

**Let scanners look for them.** Put these patterns into the secret scanner of your repositories. The last six characters are a checksum (CRC-32 of all before, in base62 with the digits first), which tells a secret from what only looks like one. When a code host finds one of our secrets in a public repository and reports it to us, we end the secret at once and disable its client or key. If a rotation had already replaced the secret, its client or key stays enabled with the new secret, and the tokens that the client holds are refused within 60 seconds: request new ones.

| what | pattern |
| --- | --- |
| API key | \`${API_KEY_PATTERN}\` |
| client secret | \`${CLIENT_SECRET_PATTERN}\` |

\`ptk_live_\` is for production, \`ptk_test_\` for everything else.

${VARIABLES_HEADING} The samples use a token with the scope \`credentials:manage\` and a client that no program uses. PUT and DELETE send its \`ETag\` in \`If-Match\`.

\`\`\`sh
${setToken('MANAGE', 'credentials:manage')}
${setId('NEW_CLIENT_ID', 'MANAGE', CLIENTS, { name: 'For the samples' })}
${setETag('MANAGE', `${CLIENTS}/$NEW_CLIENT_ID`)}
\`\`\`

${READ_TAG_AGAIN} Delete the client when you no longer need it, because you can have at most five.`;
