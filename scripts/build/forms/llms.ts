import type { OpenAPIDocument } from '../../../src/openapi/document.ts';
import { operationsOf } from './read.ts';

/**
 * Returns `/llms.txt` (llmstxt.org): a summary of the API with links to the complete documentation.
 *
 * @param origin the base URL of this deployment, without a trailing slash.
 */
export function toLlmsText(document: OpenAPIDocument, origin: string): string {
  const operations = operationsOf(document).map(
    ({ method, path, summary }) => `- \`${method} ${path}\`: ${summary}`,
  );
  const [about = ''] = (document.info.description ?? '').split('\n\n## ');
  return `# ${document.info.title}

> ${about.split('\n\n').join('\n>\n> ')}

Every request to \`/v2\` needs an access token (\`Authorization: Bearer <token>\`, from \`${origin}/oauth2/token\`) and an API key (\`x-api-key: <key>\`). Error responses are \`application/problem+json\` (RFC 9457), except the OAuth errors from \`/oauth2/token\` (RFC 6749 §5.2).

## Docs

- [Guides and reference in Markdown](${origin}/docs.md): the complete documentation, with a code sample for each operation
- [OpenAPI 3.1 in JSON](${origin}/openapi.json): the reference for programs
- [OpenAPI 3.1 in YAML](${origin}/openapi.yaml): the same document in YAML
- [Problem types](${origin}/problems): what each error means and what to do about it

## Operations

${operations.join('\n')}

## Optional

- [Docs page](${origin}/docs): the documentation in a browser, with a form to try each operation
- [Postman collection](${origin}/postman.json): a request for each operation
- [API catalog](${origin}/.well-known/api-catalog): links to the documentation and the health of the API (RFC 9727)
`;
}
