import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"429 Request cannot be satisfied as assigned quota has been exceeded","description":"","frontmatter":{"title":"429 Request cannot be satisfied as assigned quota has been exceeded"},"headers":[],"relativePath":"docs/problems/quota-exceeded.md","filePath":"docs/problems/quota-exceeded.md"}');
const _sfc_main = { name: "docs/problems/quota-exceeded.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="_429-request-cannot-be-satisfied-as-assigned-quota-has-been-exceeded" tabindex="-1">429 Request cannot be satisfied as assigned quota has been exceeded <a class="header-anchor" href="#_429-request-cannot-be-satisfied-as-assigned-quota-has-been-exceeded" aria-label="Permalink to &quot;429 Request cannot be satisfied as assigned quota has been exceeded&quot;">​</a></h1><p>Status <code>429</code>, type <code>https://iana.org/assignments/http-problem-types#quota-exceeded</code></p><h2 id="what-happened" tabindex="-1">What happened <a class="header-anchor" href="#what-happened" aria-label="Permalink to &quot;What happened&quot;">​</a></h2><p>You exceeded a rate limit, which violated-policies names: partner for all your requests, batches, exports, searches or replays for requests of that kind, consents for questions to receivers of webhooks, or token-requests for the token requests from your IP address. RateLimit-Policy lists every policy that the request counted against. This request was not processed.</p><h2 id="what-to-do" tabindex="-1">What to do <a class="header-anchor" href="#what-to-do" aria-label="Permalink to &quot;What to do&quot;">​</a></h2><p>Wait the number of seconds in Retry-After, then send the request again. Spread your requests over time. If violated-policies names batches, exports, searches, consents or replays, your other requests go on.</p><h2 id="example" tabindex="-1">Example <a class="header-anchor" href="#example" aria-label="Permalink to &quot;Example&quot;">​</a></h2><div class="language-json vp-adaptive-theme"><button title="Copy Code" class="copy"></button><span class="lang">json</span><pre class="shiki shiki-themes github-light-high-contrast github-dark-high-contrast vp-code" tabindex="0"><code><span class="line"><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">{</span></span>
<span class="line"><span style="--shiki-light:#024C1A;--shiki-dark:#72F088;">  &quot;type&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">: </span><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;">&quot;https://iana.org/assignments/http-problem-types#quota-exceeded&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">,</span></span>
<span class="line"><span style="--shiki-light:#024C1A;--shiki-dark:#72F088;">  &quot;title&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">: </span><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;">&quot;Request cannot be satisfied as assigned quota has been exceeded&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">,</span></span>
<span class="line"><span style="--shiki-light:#024C1A;--shiki-dark:#72F088;">  &quot;status&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">: </span><span style="--shiki-light:#023B95;--shiki-dark:#91CBFF;">429</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">,</span></span>
<span class="line"><span style="--shiki-light:#024C1A;--shiki-dark:#72F088;">  &quot;detail&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">: </span><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;">&quot;You exceeded the rate limit. Wait the number of seconds in Retry-After.&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">,</span></span>
<span class="line"><span style="--shiki-light:#024C1A;--shiki-dark:#72F088;">  &quot;violated-policies&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">: [</span></span>
<span class="line"><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;">    &quot;partner&quot;</span></span>
<span class="line"><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">  ],</span></span>
<span class="line"><span style="--shiki-light:#024C1A;--shiki-dark:#72F088;">  &quot;request_id&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">: </span><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;">&quot;0b8ae2e9-6d0a-4d4e-b7a1-3c1f5a0d9e52&quot;</span></span>
<span class="line"><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">}</span></span></code></pre></div><h2 id="where-it-occurs" tabindex="-1">Where it occurs <a class="header-anchor" href="#where-it-occurs" aria-label="Permalink to &quot;Where it occurs&quot;">​</a></h2><p>Most operations can return this problem.</p><p class="as-markdown"><a href="/docs/problems/quota-exceeded.md" target="_self">This page as Markdown</a></p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/problems/quota-exceeded.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const quotaExceeded = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  quotaExceeded as default
};
