/** XML answers in the ways of the platform's documents and of real handlers. */
export const documents: readonly string[] = [
  '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  <Gather action="https://api.example.com/menu?lang=en&amp;step=1" method="POST" numDigits="1">\n    <Speak>Press 1 & wait</Speak>\n  </Gather>\n</Response>'.replace(
    ' & ',
    ' &amp; ',
  ),
  "<Response><Gather action='/menu-choice' interimSpeechResultsCallback = 'https://api.example.com/interim'><Speak>Hi</Speak></Gather></Response>",
  '<Response><Record action="/recorded" redirect="false" callbackUrl="https://api.example.com/recording" transcriptionUrl="https://api.example.com/text"/></Response>',
  '<Response><Dial callbackUrl="https://api.example.com/dial" action="https://api.example.com/after" dialMusic="real" confirmSound="/confirm.xml"><Number>14155551234</Number></Dial></Response>',
  '<Response>\r\n\t<Redirect method="POST">\r\n\t\thttps://api.example.com/next?a=1&amp;b=2\r\n\t</Redirect>\r\n</Response>',
  '<Response><Redirect><![CDATA[ https://api.example.com/next?a=1&b=2 ]]></Redirect></Response>',
  '<Response><Conference callbackUrl="https://api.example.com/conf" waitSound="https://api.example.com/wait.xml" callbackMethod="POST">room</Conference></Response>',
  '<Response><Stream statusCallbackUrl="https://api.example.com/stream" bidirectional="true">wss://media.example.com/ws?action=x</Stream></Response>',
  '<Response><!-- <Redirect>https://api.example.com/not-this</Redirect> action="https://api.example.com/nor-this" --><Play>https://media.example.com/hello.mp3</Play><Hangup reason="busy"/></Response>',
  '<Response><PreAnswer><Speak language="fr-FR">D\u00e9j\u00e0 vu \u20ac</Speak></PreAnswer><Redirect>/r\u00e9pertoire</Redirect></Response>',
  '<Response><Dial dialMusic="https://media.example.com/music.mp3"><User>sip:alice@phone.example.com</User></Dial></Response>',
  '<Response></Response>',
  '<Response/>',
]

/** What no XML reader would take, or what must not be guessed at. */
export const broken: readonly string[] = [
  '',
  'plain text',
  '<Response><Redirect>https://api.example.com/next</Response>',
  '<Response><Gather action="https://api.example.com/menu></Response>',
  '<Response><Gather action=https://api.example.com/menu></Gather></Response>',
  '<Response><Gather action="https://api.example.com/a" action="https://api.example.com/b"/></Response>',
  '<!DOCTYPE r [<!ENTITY u "https://api.example.com/">]><Response><Redirect>&u;next</Redirect></Response>',
  '<Response><Redirect>https://api.example.com/a</Redirect></Response><Response/>',
  '<Response><Redirect>https://api.example.com/<Speak/>next</Redirect></Response>',
  '<Response><Redirect>https://api.example.com/&bogus;next</Redirect></Response>',
  '<Response><!-- open',
]

/** Bodies of the API that set callback URLs, by path. */
export const bodies: readonly { readonly path: string; readonly body: string }[] = [
  {
    path: 'Application/',
    body: '{"app_name":"ivr-1", "answer_url" : "https://api.example.com/answer?x=1&y=%20","answer_method":"POST",\n "hangup_url":"", "fallback_answer_url":null,"message_url":"https://api.example.com/sms","sip_transfer_url":"https://elsewhere.example.org/sip","default_app":true}',
  },
  { path: 'Application/12345/', body: '{"hangup_url":"https://api.example.com/hangup"}' },
  {
    path: 'trunks',
    body: '{"name":"t","webhook_url":"https://api.example.com/trunk","webhook_method":"POST","max_concurrent_calls":10.0}',
  },
  {
    path: 'Call/',
    body: '{"from":"14155551234","to":"1<2<3","answer_url":"https://user:pass@api.example.com/a#ct=2000&rt=4000","ring_url":"https://api.example.com/ring","hangup_url":"https://api.example.com/hangup","fallback_url":"https://api.example.com/fb","machine_detection_url":"https://api.example.com/md","note":"\\u20ac \\"answer_url\\":\\"https://api.example.com/no\\"","nested":{"answer_url":"https://api.example.com/no"},"list":["https://api.example.com/no"]}',
  },
  {
    path: 'Call/6f9a/',
    body: '{"legs":"both","aleg_url":"https://api.example.com/a","bleg_url":"https://api.example.com/b"}',
  },
  {
    path: 'Call/6f9a/Record/',
    body: '{"time_limit":60,"callback_url":"https://api.example.com/rec","transcription_url":"https://api.example.com/t"}',
  },
  {
    path: 'Call/6f9a/Stream/',
    body: '{"service_url":"wss://media.example.com/ws","status_callback_url":"https://api.example.com/s"}',
  },
  { path: 'Conference/my%20room/Record/', body: '{"callback_url":"https://api.example.com/conf"}' },
]
