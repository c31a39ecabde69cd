/**
 * Remembers the language of the samples that a reader chooses, and shows each later sample in it. The tabs work
 * without this script: they are radio buttons.
 */

const KEY = 'docs-language';

/** Selects the tab of a language in each group of the page that has one. */
function select(language) {
  for (const label of document.querySelectorAll('.vp-code-group .tabs label')) {
    const input = document.getElementById(label.htmlFor);
    if (label.textContent === language && input !== null && !input.checked) {
      // A click, because the script of VitePress marks the shown sample too.
      input.click();
    }
  }
}

/** Shows the samples of the page in the language that the reader chose last. */
export function showChosenLanguage() {
  const language = localStorage.getItem(KEY);
  if (language !== null) {
    requestAnimationFrame(() => select(language));
  }
}

/** Stores each choice of a language. */
export function rememberLanguage() {
  document.addEventListener('change', ({ target }) => {
    const label = document.querySelector(`.vp-code-group .tabs label[for="${target.id}"]`);
    if (label !== null) {
      localStorage.setItem(KEY, label.textContent);
    }
  });
}
