import { MAX_CREDENTIALS } from '../../resources/system/credentials.repository.ts';
import {
  READ_TAG_AGAIN,
  setETag,
  setId,
  setToken,
  VARIABLES_HEADING,
} from '../sample-variables.ts';

const CLIENTS = '$API/v2/system/clients';

/** The guide to the tag "Clients", in Markdown. */
export const clients = `A client is one of your programs that calls this API. Each client has its own secret and its own scopes. With the scope \`credentials:manage\` you can create, rotate, disable and delete your clients and API keys. You can have at most ${MAX_CREDENTIALS} of each. The guide "Create and rotate credentials" shows how, step by step.

${VARIABLES_HEADING} The samples use a token with the scope \`credentials:manage\` and a client that no program uses. PUT and DELETE send its \`ETag\` in \`If-Match\`.

\`\`\`sh
${setToken('MANAGE', 'credentials:manage')}
${setId('NEW_CLIENT_ID', 'MANAGE', CLIENTS, { name: 'For the samples' })}
${setETag('MANAGE', `${CLIENTS}/$NEW_CLIENT_ID`)}
\`\`\`

${READ_TAG_AGAIN} Delete the client when you no longer need it, because you can have at most five.`;
