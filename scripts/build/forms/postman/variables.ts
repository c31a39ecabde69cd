import { pathVariables, tokenVariable } from '../../../../src/openapi/sample-variables.ts';

/** The collection variables: those of the samples in lower case, and the entity tag of each resource. */

/** Holds the token for everyday requests. */
export const ACCESS_TOKEN = 'access_token';
/** Holds the token with the scope `credentials:manage`. */
export const MANAGEMENT_TOKEN = 'management_token';

/** Returns the variable that holds the token for a scope. */
export function tokenOf(scope: string | undefined): string {
  return tokenVariable(scope) === 'MANAGE' ? MANAGEMENT_TOKEN : ACCESS_TOKEN;
}

/** Returns the variable that holds the value of a path parameter. */
export function variableOf(parameter: string): string {
  return pathVariables[parameter]?.toLowerCase() ?? parameter.replaceAll('-', '_');
}

/** Returns the variable that holds the entity tag of what a path parameter identifies. */
export function etagOf(parameter: string): string {
  return variableOf(parameter).replace(/_id$/, '_etag');
}

/** Returns the name of the last parameter of a path; undefined for a path without any. */
export function lastParameterOf(path: string): string | undefined {
  return path.match(/\{([^{}]+)\}(?!.*\{)/)?.[1];
}
