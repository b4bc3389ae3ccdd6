const RUN = "document.documentElement.dataset.broken='1'";

/** What would run or build something where text is taken for HTML, a script, a style or an address. */
const PAYLOADS: readonly string[] = [
  `<script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `<svg onload="${RUN}">`,
  `<svg><script>${RUN}</script></svg>`,
  `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`,
  `<a href="javascript:${RUN}">a</a>`,
  `<body onload="${RUN}">`,
  `<details open ontoggle="${RUN}">`,
  `<input autofocus onfocus="${RUN}">`,
  `<style>*{display:none}</style>`,
  `<link rel=stylesheet href=//127.0.0.1:1/x.css>`,
  `<meta http-equiv=refresh content="0;url=javascript:${RUN}">`,
  `<base href=//127.0.0.1:1/>`,
  `<math><mtext><img src=x onerror="${RUN}"></mtext></math>`,
  `<template><img src=x onerror="${RUN}"></template>`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a template would run.
  '${constructor.constructor("return 1")()}',
  '{{constructor.constructor("return 1")()}}',
  '__proto__',
  'constructor',
  '\u202e\u2066txt.exe',
];

const WRAPPERS: readonly ((payload: string) => string)[] = [
  (payload) => payload,
  (payload) => `">${payload}`,
  (payload) => `'>${payload}`,
  (payload) => `</textarea></title></style>${payload}`,
  (payload) => `<!--${payload}-->`,
  (payload) => `]]>${payload}`,
  (payload) => payload.replaceAll('<', '&lt;'),
  (payload) => payload.toUpperCase(),
  (payload) => `\ud800${payload}\0\ufffe`,
  (payload) => `${payload}${'e\u0301\u200d\u{1f469}'.repeat(20)}`,
];

/** Two hundred strings. */
export const HOSTILE: readonly string[] = PAYLOADS.flatMap((payload) => WRAPPERS.map((wrap) => wrap(payload)));
