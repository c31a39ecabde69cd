import type { ProblemDefinition } from '../../../src/problems/definition.ts';

/** The address in a built site, which each deployment replaces with its own. */
export const ORIGIN = 'https://origin.invalid';

/** The prefix of problem types that this API defines. */
const OWN_TYPE = '/problems/';

/** Returns a name as the last step of an address: `Prepared tickets` becomes `prepared-tickets`. */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

/** Returns the address of the page of an operation. It lasts as long as the operation. */
export function operationPath({ operationId }: { readonly operationId: string }): string {
  return `/docs/reference/${operationId}`;
}

/** Returns the address of the page of a problem. One without a type of its own is named by its title. */
export function problemPath({ type, title }: ProblemDefinition): string {
  if (type.startsWith(OWN_TYPE)) {
    return `/docs${type}`;
  }
  const registered = type.split('#')[1];
  return `/docs/problems/${registered ?? slugOf(title)}`;
}

/** Returns a Markdown text whose links to problem types lead to their pages. */
export function withProblemPages(markdown: string): string {
  return markdown.replaceAll('](/problems', '](/docs/problems');
}
