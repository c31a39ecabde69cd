import { html } from 'hono/html';
import { page } from '../../http/responses/page.ts';
import { catalogue } from '../../problems/catalogue.ts';
import type { ProblemDefinition } from '../../problems/definition.ts';
import { violationCodes } from '../../problems/violation-codes.ts';

const definitions: readonly ProblemDefinition[] = Object.values(catalogue);

const codes = html`<h2>Violation codes</h2>
<table><thead><tr><th>code</th><th>meaning</th></tr></thead><tbody>
${Object.entries(violationCodes).map(
  ([code, meaning]) => html`<tr><td><code>${code}</code></td><td>${meaning}</td></tr>`,
)}
</tbody></table>`;

/** Returns the page that the `type` of a problem resolves to, or undefined if the catalogue lacks the type. */
export function problemPage(type: string) {
  const definition = definitions.find((candidate) => candidate.type === type);
  return (
    definition &&
    page(
      definition.title,
      html`<p><code>${type}</code>, status ${definition.status}</p>
<h2>What happened</h2>
<p>${definition.meaning}</p>
<h2>What to do</h2>
<p>${definition.remedy}</p>
${type === catalogue.violations.type ? codes : ''}`,
    )
  );
}

/** Returns the page that lists every problem of the catalogue. */
export function problemsPage() {
  return page(
    'Problems',
    html`<p>Every error response is <code>application/problem+json</code> as defined in RFC 9457, except the OAuth errors from <code>/oauth2/token</code> (RFC 6749 §5.2).</p>
<table><thead><tr><th>status</th><th>type</th><th>meaning</th><th>what to do</th></tr></thead><tbody>
${definitions.map(
  ({ status, type, meaning, remedy }) =>
    html`<tr><td>${status}</td><td>${
      type.startsWith('/') ? html`<a href="${type}">${type}</a>` : type
    }</td><td>${meaning}</td><td>${remedy}</td></tr>`,
)}
</tbody></table>`,
  );
}
