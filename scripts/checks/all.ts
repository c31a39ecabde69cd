/** Every check by its name. Each, and each part of one, returns one sentence for each fault, and none if it passes. */

export { checkBody as body } from './body.ts';
export { checkChanges as changes } from './changes.ts';
export { checkClone as clone } from './clone.ts';
export { checkCrash as crash } from './crash.ts';
export { checkDev as dev } from './dev.ts';
export { checkDocs as docs } from './docs/docs.ts';
export { checkDocument as document } from './document.ts';
export { checkEvents as events } from './events.ts';
export { checkFuture as future } from './future.ts';
export { checkHomes as homes } from './homes.ts';
export { checkLinks as links } from './links.ts';
export { checkListen as listen } from './listen.ts';
export { checkPartner as partner } from './partner.ts';
export { checkPatterns as patterns } from './patterns.ts';
export { checkPortal as portal } from './portal.ts';
export { checkPostman as postman } from './postman.ts';
export { checkReadme as readme } from './readme.ts';
export { checkRecipes as recipes } from './recipes.ts';
export { checkRotation as rotation } from './rotation.ts';
export { checkSamples as samples } from './samples.ts';
export { checkScripts as scripts } from './scripts.ts';
export { checkSecrets as secrets } from './secrets.ts';
export { checkWebhooks as webhooks } from './webhooks.ts';
