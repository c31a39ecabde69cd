import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../src/context.ts';
import {
  buildDocument,
  type Deployment,
  type OpenAPIDocument,
} from '../../src/openapi/document.ts';
import { type CodeSample, operationsOf } from './forms/read.ts';
import { codeSamples } from './forms/samples/index.ts';
import { documentTexts, type GuideFiles, type Guides, guidesOf } from './guides/guides.ts';

/** The code samples of each operation, by its `operationId`. */
type SamplesByOperation = Readonly<Record<string, readonly CodeSample[]>>;

/** The document as it is served, and the code samples and guides for the docs site. */
export interface BuiltDocument {
  /** The document. Each operation has one code sample, for shells, in `x-codeSamples`. */
  readonly document: OpenAPIDocument;
  /** The samples in all languages. They are not in the document, because they would be a third of it. */
  readonly samples: SamplesByOperation;
  readonly guides: Guides;
}

/** Builds the document of the mounted routes, with its guides and code samples. */
export function buildDocumentWithSamples(
  app: OpenAPIHono<AppEnv>,
  deployment: Deployment,
  files: GuideFiles,
): BuiltDocument {
  const guides = guidesOf(files, deployment.issuer);
  const document = buildDocument(app, deployment, documentTexts(guides));
  const paths = document.paths as Record<string, Record<string, object>>;
  const samples: Record<string, readonly CodeSample[]> = {};
  for (const operation of operationsOf(document)) {
    const { path, method, operationId } = operation;
    const all = codeSamples(deployment.issuer, operation);
    samples[operationId] = all;
    Object.assign(paths[path]?.[method.toLowerCase()] as object, {
      'x-codeSamples': all.filter(({ lang }) => lang === 'Shell'),
    });
  }
  return { document, samples, guides };
}
