import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CREDENTIALS_LINK, CREDENTIALS_PATH } from '../../../demo/credentials.ts';
import { withFolder } from '../../process/folder.ts';
import { runWrangler } from '../../process/wrangler.ts';

/** The folder of the assets of a deployment. */
const ASSETS = '.assets';
const BUTTON = / title="(.*)"/.exec(CREDENTIALS_LINK)?.[1] as string;

/** Returns the texts of all files of a folder, by their paths. */
function textsIn(folder: string): (readonly [path: string, text: string])[] {
  return globSync('**/*.*', { cwd: folder }).map((path) => [
    path,
    readFileSync(join(folder, path), 'utf8'),
  ]);
}

/** Builds the Worker and its assets as `npm run build` does. Neither may contain the demo partner. */
export function checkDeployment(): Promise<string[]> {
  return withFolder(async (folder) => {
    const { code, stdout, stderr } = await runWrangler(['deploy', '--dry-run', '--outdir', folder]);
    const files = [...textsIn(folder), ...textsIn(ASSETS)];
    const hasAll = ['index.js', 'docs.html', 'docs/try/createToken.json'].every((name) =>
      files.some(([path]) => path === name),
    );
    if (code !== 0 || !hasAll) {
      return [`The deployment cannot be built:\n${stdout}${stderr}`];
    }
    return files.flatMap(([path, text]) =>
      [CREDENTIALS_PATH, BUTTON]
        .filter((part) => text.includes(part))
        .map((part) => `A deployment has "${part}" in ${path}.`),
    );
  });
}
