import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Health","description":"","frontmatter":{"title":"Health"},"headers":[],"relativePath":"docs/reference/health.md","filePath":"docs/reference/health.md"}');
const _sfc_main = { name: "docs/reference/health.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="health" tabindex="-1">Health <a class="header-anchor" href="#health" aria-label="Permalink to &quot;Health&quot;">​</a></h1><table tabindex="0"><thead><tr><th>operation</th><th>request</th></tr></thead><tbody><tr><td><a href="/docs/reference/getHealth">Check liveness</a></td><td><code>GET /health</code></td></tr><tr><td><a href="/docs/reference/getReadiness">Check readiness</a></td><td><code>GET /health/ready</code></td></tr></tbody></table><p>Check whether the service is running and ready for requests.</p><p class="as-markdown"><a href="/docs/reference/health.md" target="_self">This page as Markdown</a></p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/reference/health.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const health = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  health as default
};
