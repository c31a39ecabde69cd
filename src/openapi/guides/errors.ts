import { catalogue, type ProblemDefinition, violationCodes } from '../../problems/catalogue.ts';
import type { OAuthErrorCode } from '../../problems/problem.ts';
import { REPORT } from '../../problems/support.ts';

const oauthErrors: Record<OAuthErrorCode, string> = {
  invalid_request: 'The form lacks a parameter, repeats one, or authenticates in two ways.',
  invalid_client:
    'The client does not say who it is, is unknown, or its secret is wrong. The status is 401.',
  unauthorized_client: 'The secret is right, but the client is disabled or has expired.',
  unsupported_grant_type: 'Send `grant_type=client_credentials`.',
  invalid_scope:
    'The client does not have one of the scopes, or has only `credentials:manage` and the request does not name it; the description names those it has.',
};

const definitions: readonly ProblemDefinition[] = Object.values(catalogue);

/** A type of ours links to its page. */
const typeOf = (type: string) => (type.startsWith('/') ? `[${type}](${type})` : `\`${type}\``);

/** Words of the catalogue as Markdown: what looks like a tag is text. */
const words = (text: string) => text.replaceAll('<', '&lt;');

const problems = definitions.map(
  ({ status, title, type, meaning, remedy }) =>
    `- **${status} ${title}**, ${typeOf(type)}: ${words(meaning)} ${words(remedy)}`,
);
const rowsOf = (meanings: Record<string, string>) =>
  Object.entries(meanings).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);

/** Every problem and every code, from the catalogue that the API answers with. */
export const errors = `## Errors

Every error response (status 400 or higher) is \`application/problem+json\` (RFC 9457), except the OAuth errors from \`/oauth2/token\` described below. In your code, branch on \`status\`, then on \`type\`, then on each violation's \`code\`. Their meanings never change. Show \`detail\` to people; its words may change. When you ask for help, ${REPORT}.

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/prepared-tickets?limit=1001"
\`\`\`

${problems.join('\n')}

Each violation says where (\`in\` with \`pointer\` for the body, with \`name\` for the rest), which rule (\`code\`), and what to send instead (\`detail\`). All violations of the failing part come at once, and nothing was written. At most 100 are listed; \`omitted_violations\` then says how many more there are.

| code | meaning |
| --- | --- |
${rowsOf(violationCodes).join('\n')}

When \`/oauth2/token\` refuses a request, it uses the format of OAuth 2.0 (RFC 6749 §5.2), with \`error\` and \`error_description\`:

| error | meaning |
| --- | --- |
${rowsOf(oauthErrors).join('\n')}`;
