import {
  READ_TAG_AGAIN,
  setETag,
  setId,
  setToken,
  VARIABLES_HEADING,
} from '../sample-variables.ts';

const KEYS = '$API/v2/system/api-keys';

/** Of the tag "API keys". */
export const apiKeys = `The keys that say which partner calls. The guide to clients explains how to create, rotate and delete them.

${VARIABLES_HEADING} The samples use a token with the scope \`credentials:manage\` and an API key that no program uses. PUT and DELETE send its \`ETag\` in \`If-Match\`.

\`\`\`sh
${setToken('MANAGE', 'credentials:manage')}
${setId('NEW_API_KEY_ID', 'MANAGE', KEYS, { name: 'For the samples' })}
${setETag('MANAGE', `${KEYS}/$NEW_API_KEY_ID`)}
\`\`\`

${READ_TAG_AGAIN} Delete the key when you no longer need it, because you can have at most five.`;
