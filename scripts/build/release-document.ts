/**
 * `npm run release:document` saves the current document as that of the last release, with which
 * `npm run check:changes` compares later documents. Run it with each deployment.
 */
import { release } from '../checks/changes.ts';
import { withLocalServer } from '../dev/local-server.ts';
import { fail } from '../process/fail.ts';

await withLocalServer(release).catch((error: Error) => fail(error.message));
