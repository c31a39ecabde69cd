import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Partner","description":"","frontmatter":{"title":"Partner"},"headers":[],"relativePath":"docs/reference/partner.md","filePath":"docs/reference/partner.md"}');
const _sfc_main = { name: "docs/reference/partner.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="partner" tabindex="-1">Partner <a class="header-anchor" href="#partner" aria-label="Permalink to &quot;Partner&quot;">​</a></h1><table tabindex="0"><thead><tr><th>operation</th><th>request</th></tr></thead><tbody><tr><td><a href="/docs/reference/getPartner">Retrieve your partner</a></td><td><code>GET /v2/system/partner</code></td></tr></tbody></table><p>Find out which partner your credentials belong to. The request needs an access token and an API key of the same partner, and no particular scope. It is therefore also the simplest way to test new credentials:</p><div class="language-sh vp-adaptive-theme"><button title="Copy Code" class="copy"></button><span class="lang">sh</span><pre class="shiki shiki-themes github-light-high-contrast github-dark-high-contrast vp-code" tabindex="0"><code><span class="line"><span style="--shiki-light:#702C00;--shiki-dark:#FFB757;">curl</span><span style="--shiki-light:#023B95;--shiki-dark:#91CBFF;"> -sS</span><span style="--shiki-light:#023B95;--shiki-dark:#91CBFF;"> -H</span><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;"> &quot;Authorization: Bearer </span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">$TOKEN</span><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;">&quot;</span><span style="--shiki-light:#023B95;--shiki-dark:#91CBFF;"> -H</span><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;"> &quot;x-api-key: </span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">$API_KEY</span><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;">&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;"> $API</span><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;">/v2/system/partner</span></span></code></pre></div><p>A 401 or 403 names the credential that does not work, or says that the two belong to different partners.</p><p class="as-markdown"><a href="/docs/reference/partner.md" target="_self">This page as Markdown</a></p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/reference/partner.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const partner = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  partner as default
};
