import {
  READ_TAG_AGAIN,
  setETag,
  setId,
  setToken,
  VARIABLES_HEADING,
} from '../sample-variables.ts';

const KEYS = '$API/v2/system/api-keys';

/** The guide to the tag "API keys", in Markdown. */
export const apiKeys = `An API key identifies you as the partner that sends a request. Send it in the header \`x-api-key\`, together with an access token. The guide "Create and rotate credentials" explains how to create, rotate and delete them.

${VARIABLES_HEADING} The samples use a token with the scope \`credentials:manage\` and an API key that no program uses. PUT and DELETE send its \`ETag\` in \`If-Match\`.

\`\`\`sh
${setToken('MANAGE', 'credentials:manage')}
${setId('NEW_API_KEY_ID', 'MANAGE', KEYS, { name: 'For the samples' })}
${setETag('MANAGE', `${KEYS}/$NEW_API_KEY_ID`)}
\`\`\`

${READ_TAG_AGAIN} Delete the key when you no longer need it, because you can have at most five.`;
