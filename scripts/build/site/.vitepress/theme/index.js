import DefaultTheme from 'vitepress/theme-without-fonts';
import '../../../identity/identity.css';
import { showActivePage } from './menu.js';
import SiteLayout from './SiteLayout.vue';
import { TryIt } from './try-it.js';
import './style.css';
import './reference.css';
import './tables.css';
import './navigation.css';
import './pictures.css';
import './home.css';
import './footer.css';
import './try-it.css';

/** What a page matters to a search, by its address. */
const weights = [
  [/^\/docs\/changelog/, 0.3],
  [/^\/docs\/problems/, 1.2],
  // The page of a group of operations, whose name has no upper case, and the sections of such a page.
  [/^\/docs\/reference\/([a-z-]+)(?:#\1)?$/, 1.8],
  [/^\/docs\/reference\/[a-z-]+#/, 0.6],
  // The tickets matter more than the credentials.
  [/^\/docs\/reference\/\w+PreparedTicket/, 1.2],
  [/^\/docs\/reference/, 1],
];
/** What a guide matters. It comes before the operations that it uses. */
const GUIDE_WEIGHT = 2;

const weightOf = (address) =>
  weights.find(([pattern]) => pattern.test(address))?.[1] ?? GUIDE_WEIGHT;

/** The key under which the browser remembers the language of the samples. Their tabs work without this script. */
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
function showChosenLanguage() {
  const language = localStorage.getItem(KEY);
  if (language !== null) {
    requestAnimationFrame(() => select(language));
  }
}

/** Stores each choice of a language. */
function rememberLanguage() {
  document.addEventListener('change', ({ target }) => {
    const label = document.querySelector(`.vp-code-group .tabs label[for="${target.id}"]`);
    if (label !== null) {
      localStorage.setItem(KEY, label.textContent);
    }
  });
}

export default {
  extends: DefaultTheme,
  Layout: SiteLayout,
  enhanceApp({ app, siteData, router }) {
    app.component('TryIt', TryIt);
    // VitePress would send a function of its configuration as text, which the content security policy forbids.
    const { search } = siteData.value.themeConfig;
    search.options.miniSearch.searchOptions.boostDocument = weightOf;
    if (!import.meta.env.SSR) {
      rememberLanguage();
      router.onAfterPageLoad = () => {
        showChosenLanguage();
        showActivePage();
      };
    }
  },
};
