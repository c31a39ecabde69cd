import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme-without-fonts';
import { rememberLanguage, showChosenLanguage } from './language.js';
import './style.css';
import './reference.css';

/** The options of the search that this theme changes. */
interface Search {
  options: { miniSearch: { searchOptions: { boostDocument?: (id: string) => number } } };
}

/** What a page matters to a search, by its address. */
const weights: readonly (readonly [address: RegExp, weight: number])[] = [
  [/^\/docs\/changelog/, 0.3],
  [/^\/docs\/problems/, 1.2],
  // The page of a group of operations, whose name has no upper case.
  [/^\/docs\/reference\/[a-z-]+(?:#|$)/, 1.8],
  [/^\/docs\/reference/, 1],
];
/** What a guide matters. It comes before the operations that it uses. */
const GUIDE_WEIGHT = 2;

const weightOf = (address: string) =>
  weights.find(([pattern]) => pattern.test(address))?.[1] ?? GUIDE_WEIGHT;

const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp({ siteData, router }) {
    // VitePress would send a function of its configuration as text, which the content security policy forbids.
    const { search } = siteData.value.themeConfig as { search: Search };
    search.options.miniSearch.searchOptions.boostDocument = weightOf;
    if (!import.meta.env.SSR) {
      rememberLanguage();
      router.onAfterPageLoad = showChosenLanguage;
    }
  },
};

export default theme;
