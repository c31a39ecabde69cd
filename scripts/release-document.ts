/**
 * `npm run release:document` keeps the present document as that of the last release, against which
 * `npm run check:changes` compares from then on. Run it with each deployment.
 */
import { release } from './changes/released.ts';
import { fail } from './fail.ts';
import { withLocalServer } from './local-server.ts';

await withLocalServer(release).catch((error: Error) => fail(error.message));
