import { colourOf, type Story } from './story.ts'

const FONT = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,sans-serif'
const MONO = 'font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px'

/** The HTML part of a mail: inline styles, no picture, nothing loaded from elsewhere, readable on dark and light. */
export function emailHtml(story: Story): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(story.subject)}</title></head>`,
    `<body style="${FONT};font-size:15px;line-height:1.5;margin:0;padding:16px">`,
    `<div style="max-width:640px;border-left:4px solid ${colourOf[story.tone]};padding-left:16px">`,
    `<h1 style="font-size:20px;margin:0 0 8px">${escapeHtml(story.headline)}</h1>`,
    `<p style="margin:0 0 16px">${escapeHtml(story.lead)}</p>`,
    factTable(story.facts),
    block(story.list.title, story.list.lines),
    block('Look further', story.commands),
    link(story.link, 'Open in Ringback'),
    link(story.dashboard, 'Open the dashboard'),
    `<p style="font-size:13px;opacity:.7;margin:0">${escapeHtml(story.footer)}</p>`,
    '</div></body></html>\n',
  ].join('')
}

function factTable(facts: Story['facts']): string {
  if (facts.length === 0) return ''
  const rows = facts.map(
    ([name, value]) =>
      `<tr><th scope="row" style="text-align:left;vertical-align:top;padding:2px 16px 2px 0;font-weight:600;white-space:nowrap">` +
      `${escapeHtml(name)}</th><td style="padding:2px 0;overflow-wrap:anywhere">${escapeHtml(value)}</td></tr>`,
  )
  return `<table style="border-collapse:collapse;margin:0 0 16px">${rows.join('')}</table>`
}

function block(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return ''
  return (
    `<p style="margin:0 0 4px;font-weight:600">${escapeHtml(title)}</p>` +
    `<pre style="${MONO};white-space:pre-wrap;margin:0 0 16px">${lines.map(escapeHtml).join('\n')}</pre>`
  )
}

function link(url: string | undefined, words: string): string {
  return url === undefined ? '' : `<p style="margin:0 0 16px"><a href="${escapeHtml(url)}">${words}</a></p>`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? char)
}
