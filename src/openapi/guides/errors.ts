import { catalogue } from '../../problems/catalogue.ts';
import type { ProblemDefinition } from '../../problems/definition.ts';
import type { OAuthErrorCode } from '../../problems/problem.ts';
import { REPORT } from '../../problems/support.ts';
import { violationCodes } from '../../problems/violation-codes.ts';

const oauthErrors: Record<OAuthErrorCode, string> = {
  invalid_request:
    'The body is not a URL-encoded form, or the form lacks a required parameter, repeats a parameter, or authenticates in two ways.',
  invalid_client:
    'The client authentication is missing or malformed, the client is unknown, or its secret is wrong. The status is 401.',
  unauthorized_client: 'The secret is right, but the client is disabled or has expired.',
  unsupported_grant_type: 'Send `grant_type=client_credentials`.',
  invalid_scope:
    'The client does not have one of the requested scopes, or has only scopes that a request must name and this one does not. The description lists the scopes that the client has.',
};

const definitions = Object.values<ProblemDefinition>(catalogue).filter(
  ({ isInternal }) => !isInternal,
);

/** Returns a problem type in Markdown. A type that this API defines links to its page. */
const typeOf = (type: string) => (type.startsWith('/') ? `[${type}](${type})` : `\`${type}\``);

/** Returns a sentence of the catalogue in Markdown, with `<` escaped because it could start a tag. */
const escaped = (sentence: string) => sentence.replaceAll('<', '&lt;');

const problems = definitions.map(
  ({ status, title, type, meaning, remedy }) =>
    `- **${status} ${title}**, ${typeOf(type)}: ${escaped(meaning)} ${escaped(remedy)}`,
);
const rowsOf = (meanings: Record<string, string>) =>
  Object.entries(meanings).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);

/** The guide to errors, in Markdown, with every problem that a partner can receive and every code. */
export const errors = `## Errors

Every error response (status 400 or higher) is \`application/problem+json\` (RFC 9457), except the OAuth errors from \`/oauth2/token\` described below. In your code, branch on \`status\`, then on \`type\`, then on each violation's \`code\`. Their meanings never change. Show \`detail\` to people; its wording may change. When you ask for help, ${REPORT}.

This request asks for more tickets than one page can hold, so it returns 400 with one violation:

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/prepared-tickets?limit=1001"
\`\`\`

The API returns these problems:

${problems.join('\n')}

Each violation tells you where the invalid value is (\`in\`, with a \`pointer\` into the body or the \`name\` of the parameter or header), which rule it breaks (\`code\`), and what to send instead (\`detail\`). The response lists all violations in the part of the request that failed, and nothing was saved. At most 100 are listed; \`omitted_violations\` counts the rest.

| code | meaning |
| --- | --- |
${rowsOf(violationCodes).join('\n')}

When \`/oauth2/token\` rejects a request, it returns an OAuth 2.0 error (RFC 6749 §5.2) with \`error\` and \`error_description\`. Rate limits, and faults on our side, return problems there too.

| error | meaning |
| --- | --- |
${rowsOf(oauthErrors).join('\n')}`;
