import { pathVariables, tokenVariable, tokenVariables } from '../sample-variables.ts';

/** The variables of the collection: those of the code samples in lower case, and one for each entity tag. */

/** The name of the variable with the token for all other operations. */
export const ACCESS_TOKEN = 'access_token';

/** Returns the name of the variable with the token for a scope. */
export function tokenOf(scope: string | undefined): string {
  return scope !== undefined && scope in tokenVariables
    ? `${tokenVariable(scope).toLowerCase()}_token`
    : ACCESS_TOKEN;
}

/** The scopes that need a token request of their own. */
export const namedScopes = Object.keys(tokenVariables);

/** Returns the name of the variable with the value of a path parameter. */
export function variableOf(parameter: string): string {
  return pathVariables[parameter]?.toLowerCase() ?? parameter.replaceAll('-', '_');
}

/** Returns the name of the variable with the entity tag of the resource of a path parameter. */
export function etagOf(parameter: string): string {
  return variableOf(parameter).replace(/(?:_id)?$/, '_etag');
}

/** Returns the name of the last parameter of a path, or undefined for a path without parameters. */
export function lastParameterOf(path: string): string | undefined {
  return path.match(/\{([^{}]+)\}(?!.*\{)/)?.[1];
}
