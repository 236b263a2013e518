import { defineConfig, type HtmlTagDescriptor, type Plugin } from 'vite'

/** What runs before React is there. */
const FIRST =
  /preload-helper|\/src\/ui\/(address|first|api\/(ask|reads)|words\/(outcomes|results)|screens\/(loaders|search\/query-text))\.ts$/

/**
 * Names the files in the document that its first script asks for by itself, and the font: the browser fetches all of
 * them at once instead of one after the other.
 */
function preloads(): Plugin {
  return {
    name: 'preloads',
    transformIndexHtml: {
      order: 'post',
      handler(_document, { bundle = {} }) {
        const files = Object.values(bundle)
        const chunks = files.filter((file) => file.type === 'chunk')
        const show = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith('/ui/show.tsx') === true)
        const scripts = show === undefined ? [] : [show.fileName, ...show.imports]
        const fonts = files.map(({ fileName }) => fileName).filter((name) => name.endsWith('.woff2'))
        return [
          ...scripts.map((name) => link({ rel: 'modulepreload', href: `./${name}` })),
          ...fonts.map((name) => link({ rel: 'preload', as: 'font', type: 'font/woff2', href: `./${name}` })),
        ]
      },
    },
  }
}

function link(attrs: Readonly<Record<string, string>>): HtmlTagDescriptor {
  return { tag: 'link', attrs: { ...attrs, crossorigin: true }, injectTo: 'head' }
}

/** The page as static files with relative addresses, so that it also works below a path of a proxy. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [preloads()],
  build: {
    outDir: '../../dist/ui',
    emptyOutDir: true,
    target: 'es2023',
    // Nothing inline: the port's policy lets the page load files of its own only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'first', test: FIRST, priority: 2 },
            // One file of all that several screens use: fetching many small ones takes longer.
            { name: 'shared', minShareCount: 3, priority: 1 },
          ],
        },
      },
      // Libraries say "use client" for servers that render; there is none here.
      onLog: (level, log, report) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log)
      },
    },
  },
  // For work on the page: `npx vite src/ui` beside a running daemon.
  server: { proxy: { '/api': 'http://127.0.0.1:8081' } },
})
