/** Returns a body as text. The runtime warns of `text()` for media types that it does not know as text. */
export const textOf = async (response: Response): Promise<string> =>
  new TextDecoder().decode(await response.arrayBuffer());
