/**
 * Code samples that run as they stand. They are written here and not by `@scalar/snippetz`, because that
 * library takes each value for a text: a token or an id could not come from the environment. Its samples
 * also drop the response, so a reader would never see the problem, and its PHP sends every PUT as POST.
 */
import { csharp } from './csharp.ts';
import { curl } from './curl.ts';
import { javascript } from './javascript.ts';
import { php } from './php.ts';
import { python } from './python.ts';
import { type SampledOperation, sampleRequest } from './sample-request.ts';

/** A member of `x-codeSamples`, which documentation tools show beside an operation. */
export interface CodeSample {
  readonly lang: string;
  readonly label: string;
  readonly source: string;
}

const languages = [
  { lang: 'Shell', label: 'curl', write: curl },
  { lang: 'JavaScript', label: 'JavaScript', write: javascript },
  { lang: 'Python', label: 'Python', write: python },
  { lang: 'PHP', label: 'PHP', write: php },
  { lang: 'C#', label: 'C#', write: csharp },
] as const;

/**
 * The code samples of an operation, from what the document says of it.
 *
 * @param origin the address of this deployment.
 */
export function codeSamples(
  origin: string,
  path: string,
  method: string,
  operation: SampledOperation,
): CodeSample[] {
  const request = sampleRequest(origin, path, method, operation);
  return languages.map(({ lang, label, write }) => ({ lang, label, source: write(request) }));
}
