import { pathVariables, tokenVariable } from '../../../../src/openapi/sample-variables.ts';

/** The variables of the collection: those of the code samples in lower case, and one for each entity tag. */

/** The name of the variable with the token for all other operations. */
export const ACCESS_TOKEN = 'access_token';
/** The name of the variable with the token that has the scope `credentials:manage`. */
export const MANAGEMENT_TOKEN = 'management_token';

/** Returns the name of the variable with the token for a scope. */
export function tokenOf(scope: string | undefined): string {
  return tokenVariable(scope) === 'MANAGE' ? MANAGEMENT_TOKEN : ACCESS_TOKEN;
}

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
