/**
 * Code samples that run unchanged. The project does not use `@scalar/snippetz`, because that library
 * writes each value as a literal, so tokens and ids could not come from the environment. Its samples also
 * ignore error responses, so a reader would never see a problem, and its PHP sends every PUT as POST.
 */
import type { CodeSample } from '../read.ts';
import { csharp } from './csharp.ts';
import { curl } from './curl.ts';
import { javascript } from './javascript.ts';
import { php } from './php.ts';
import { python } from './python.ts';
import { type SampledOperation, sampleRequest } from './sample-request.ts';

const languages = [
  { lang: 'Shell', label: 'curl', write: curl },
  { lang: 'JavaScript', label: 'JavaScript', write: javascript },
  { lang: 'Python', label: 'Python', write: python },
  { lang: 'PHP', label: 'PHP', write: php },
  { lang: 'C#', label: 'C#', write: csharp },
] as const;

/**
 * Returns the code samples of an operation.
 *
 * @param origin the base URL of this deployment, without a trailing slash.
 */
export function codeSamples(origin: string, operation: SampledOperation): CodeSample[] {
  const request = sampleRequest(origin, operation);
  return languages.map(({ lang, label, write }) => ({ lang, label, source: write(request) }));
}
