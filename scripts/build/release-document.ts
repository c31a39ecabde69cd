/**
 * `npm run release:document` saves the current OpenAPI document as the document of the last release.
 * `npm run check:changes` then compares against it. Run this with each deployment.
 */
import { release } from '../checks/changes/released.ts';
import { withLocalServer } from '../dev/local-server.ts';
import { fail } from '../process/fail.ts';

await withLocalServer(release).catch((error: Error) => fail(error.message));
