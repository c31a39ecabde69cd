/**
 * `npm run release:document` keeps the present document as that of the last release, against which
 * `npm run check:changes` compares from then on. Run it with each deployment.
 */
import { release } from '../checks/changes/released.ts';
import { withLocalServer } from '../dev/local-server.ts';
import { fail } from '../process/fail.ts';

await withLocalServer(release).catch((error: Error) => fail(error.message));
