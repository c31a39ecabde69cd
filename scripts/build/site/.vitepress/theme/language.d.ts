/** Stores each choice of a language. */
export function rememberLanguage(): void;
/** Shows the samples of the page in the language that the reader chose last. */
export function showChosenLanguage(): void;
