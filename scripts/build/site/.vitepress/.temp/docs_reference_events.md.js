import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Events","description":"","frontmatter":{"title":"Events"},"headers":[],"relativePath":"docs/reference/events.md","filePath":"docs/reference/events.md"}');
const _sfc_main = { name: "docs/reference/events.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="events" tabindex="-1">Events <a class="header-anchor" href="#events" aria-label="Permalink to &quot;Events&quot;">​</a></h1><table tabindex="0"><thead><tr><th>operation</th><th>request</th></tr></thead><tbody><tr><td><a href="/docs/reference/listEvents">Retrieve events</a></td><td><code>GET /v2/system/events</code></td></tr></tbody></table><p>An event tells that something happened to a ticket, a product line, a client, an API key or a webhook endpoint: what, when, and which of your clients did it. Your events have a <code>sequence</code> without gaps, in the order in which the changes happened. An event contains no personal data, so read the resource to see its current state. A client needs the scope <code>events:read</code>.</p><p>The guide <a href="/docs/follow-changes">Follow changes</a> shows a program that reads the feed and continues after a restart.</p><p class="as-markdown"><a href="/docs/reference/events.md" target="_self">This page as Markdown</a></p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/reference/events.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const events = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  events as default
};
