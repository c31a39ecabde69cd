import type { OpenAPIDocument } from '../../../src/openapi/document.ts';
import { operationsOf } from './read.ts';

/** `/llms.txt` (llmstxt.org): what is here, and where the whole of it can be read. */
export function toLlmsText(document: OpenAPIDocument, origin: string): string {
  const operations = operationsOf(document).map(
    ({ method, path, summary }) => `- \`${method} ${path}\`: ${summary}`,
  );
  const [about = ''] = (document.info.description ?? '').split('\n\n## ');
  return `# ${document.info.title}

> ${about.split('\n\n').join('\n>\n> ')}

Each request to \`/v2\` carries an access token (\`Authorization: Bearer\`, from \`${origin}/oauth2/token\`) and an API key (\`x-api-key\`). Errors are \`application/problem+json\`, except those from \`/oauth2/token\`, which follow RFC 6749.

## Docs

- [Guides and reference in Markdown](${origin}/docs.md): everything, with a sample for each operation
- [OpenAPI 3.1 in JSON](${origin}/openapi.json): the same for programs
- [OpenAPI 3.1 in YAML](${origin}/openapi.yaml): the same in YAML
- [Problem types](${origin}/problems): what each error means and what to do

## Operations

${operations.join('\n')}

## Optional

- [Docs page](${origin}/docs): for people, with a form to try each operation
- [Postman collection](${origin}/postman.json)
- [API catalog](${origin}/.well-known/api-catalog)
`;
}
