// Written by scripts/build-catalogue.ts on 2026-11-24; do not edit.

/** What is known of each kind's models; decision 8 says how the lines are read. */
export const catalogue: Readonly<Record<string, string>> = {
  "openai": `
gpt-5-chat-latest;400000;128000;tIaR
ada text-ada-001;;;;0.4 0.4
babbage;;;;0.5 0.5
chatgpt-4o-latest;128000;;;5 15
codex-mini codex-mini-latest;200000;100000;TiaR;1.5 6 0.375
computer-use*;8192;;;3 12
curie text-curie-001;;;;2 2
davinci text-davinci-001;;;;20 20
ft:gpt-3.5-turbo*;;;;3 6
ft:gpt-4o-2024-*;;;;3.75 15
ft:gpt-4o-mini-2024-*;;;;0.3 1.2
gpt-3.5-turbo-0301 gpt-3.5-0301;;;;1.5 2
gpt-3.5-turbo gpt-35-turbo gpt-3.5-turbo-0125;16385;4096;tiar;0.5 1.5
gpt-3.5-turbo-0613;16385;;;1.5 2
gpt-3.5-turbo-1106;16385;;;1 2
gpt-3.5-turbo-16k gpt-3.5-turbo-16k-0613 gpt-35-turbo-16k-0613 gpt-35-turbo-16k;16385;;;3 4
gpt-3.5-turbo-instruct* gpt-3.5-turbo-instruct-0914;16385;;;1.5 2
gpt-4 gpt-4-0314 gpt-4-0613 ft:gpt-4-0*;8192;8192;Tiar;30 60
gpt-4-32k gpt-4-32k-0314 gpt-4-32k-0613;32000;;;60 120
gpt-4-turbo gpt-4-turbo-2024-04-09 gpt-4-turbo-0125-preview gpt-4-0125-preview gpt-4-1106-preview gpt-4-turbo-preview;128000;4096;TIar;10 30
gpt-4-vision-preview gpt-4-1106-vision-preview;128000;;;10 30
gpt-4.1 gpt-4.1-2025-04-14;1047576;32768;TIar;2 8 0.5
gpt-4.1-mini gpt-4.1-mini-2025-04-14;1047576;32768;TIar;0.4 1.6 0.1
gpt-4.1-nano gpt-4.1-nano-2025-04-14;1047576;32768;TIar;0.1 0.4 0.025
gpt-4.5-preview*;;;;75 150 37.5
gpt-4o gpt-4o-2024-08-06 gpt-4o-2024-11-20;128000;16384;TIar;2.5 10 1.25
gpt-4o-2024-05-13;128000;;;5 15
gpt-4o-audio-preview*;128000;;;2.5 10
gpt-4o-mini gpt-4o-mini-2024-07-18 gpt-4o-mini-search-preview gpt-4o-mini-search-preview-2025-03-11;128000;16384;TIar;0.15 0.6 0.075
gpt-4o-mini-2024-07-18.ft-*;;;;0.3 1.2
gpt-4o-mini-audio*;128000;;;0.15 0.6
gpt-4o-mini-realtime*;16000;;;0.6 2.4 0.3
gpt-4o-mini-transcribe;16000;;;1.25 5
gpt-4o-mini-tts;;;;0.6 12
gpt-4o-realtime*;32000;;;5 20 2.5
gpt-4o-search-preview gpt-4o-search-preview-2025-03-11;128000;;;2.5 10
gpt-4o-transcribe gpt-4o-transcribe-diarize;16000;;;2.5 10
gpt-4o:extended;;;;6 18
gpt-5 gpt-5-2025-08-07 gpt-5-chat gpt-5-chat-latest gpt-5-codex;400000;128000;TIaR;1.25 10 0.125
gpt-5-image;;;;10 10 1.25
gpt-5-image-mini;;;;2.5 2 0.25
gpt-5-mini gpt-5-mini-2025-08-07;400000;128000;TIaR;0.25 2 0.025
gpt-5-nano gpt-5-nano-*;400000;128000;TIaR;0.05 0.4 0.005
gpt-5-pro gpt-5-pro-2025-10-06;400000;;;15 120
gpt-5.1 gpt-5.1-2025-11-13 gpt-5.1-codex gpt-5.1-codex-max gpt-5.1-chat gpt-5.1-chat-latest gpt-5-1 gpt-5-1-2025-11-13 gpt-5-1-codex gpt-5-1-codex-max gpt-5-1-chat gpt-5-1-chat-latest;400000;;;1.25 10 0.125
gpt-5.1-codex-mini gpt-5.1-mini gpt-5-1-codex-mini gpt-5-1-mini;400000;;;0.25 2 0.025
gpt-5.2 gpt-5.2-2025-12-11 gpt-5-2 gpt-5-2-2025-12-11 gpt-5.2-chat gpt-5.2-chat-latest gpt-5-2-chat gpt-5-2-chat-latest gpt-5.2-codex gpt-5-2-codex;400000;;;1.75 14 0.175
gpt-5.2-pro gpt-5.2-pro-2025-12-11 gpt-5-2-pro-2025-12-11;400000;;;21 168
gpt-5.3 gpt-5-3 gpt-5.3-chat gpt-5.3-chat-latest gpt-5-3-chat gpt-5-3-chat-latest;128000;;;1.75 14 0.175
gpt-5.3-codex gpt-5-3-codex;400000;;;1.75 14 0.175
gpt-5.4 gpt-5.4-2026-03-05 gpt-5-4 gpt-5-4-2026-03-05;1050000;;;2.5>271999:5 15>271999:22.5 0.25>271999:0.5
gpt-5.4-image-2;;;;8 15 2
gpt-5.4-mini gpt-5.4-mini-2026-03-17 gpt-5-4-mini gpt-5-4-mini-2026-03-17;400000;;;0.75 4.5 0.075
gpt-5.4-nano gpt-5.4-nano-2026-03-17 gpt-5-4-nano gpt-5-4-nano-2026-03-17;400000;;;0.2 1.25 0.02
gpt-5.4-pro gpt-5.4-pro-2026-03-05 gpt-5-4-pro gpt-5-4-pro-2026-03-05;1050000;;;30>271999:60 180>271999:270
gpt-5.5 gpt-5.5-2026-04-23 gpt-5.5-2026-04-24 gpt-5-5 gpt-5-5-2026-04-23 gpt-5-5-2026-04-24 gpt-5.5-chat gpt-5.5-chat-latest gpt-5-5-chat gpt-5-5-chat-latest gpt-5.5-codex gpt-5-5-codex;1000000;;;5>271999:10 30>271999:45 0.5>271999:1
gpt-5.5-pro gpt-5.5-pro-2026-04-23 gpt-5-5-pro gpt-5-5-pro-2026-04-23;1000000;;;30>271999:60 180>271999:270
gpt-5.6-luna gpt-5-6-luna;1050000;;;0.2>271999:0.4 1.2>271999:1.8 0.02>271999:0.04 0.25>271999:0.5
gpt-5.6-sol gpt-5-6-sol gpt-5.6 gpt-5-6;1050000;;;4>271999:8 20>271999:30 0.4>271999:0.8 5>271999:10
gpt-5.6-terra gpt-5-6-terra;1050000;;;2>271999:4 12>271999:18 0.2>271999:0.4 2.5>271999:5
gpt-6-astra;1050000;;;10>271999:20 50>271999:75 1>271999:2 12.5>271999:25
gpt-6-luna;1050000;;;0.1>272000:0.2 0.5>272000:0.75 0.01>272000:0.02 0.125>272000:0.25
gpt-6-sol;1050000;;;2>272000:4 10>272000:15 0.2>272000:0.4 2.5>272000:5
gpt-audio gpt-audio-2025-08-28 gpt-audio-1.5;128000;;;2.5 10
gpt-audio-mini gpt-audio-mini-2025-10-06 gpt-audio-mini-2025-12-15;128000;;;0.6 2.4
gpt-chat-latest;;;;5 30 0.5
gpt-image-1;;;;5 40 1.25
gpt-image-1-mini;;;;2 8 0.2
gpt-image-1.5 gpt-image-1.5-2025-12-16;;;;5 10 1.25
gpt-image-2 gpt-image-2-2026-04-21;;;;5 30 1.25
gpt-oss-120b;131072;;;0.039 0.18
gpt-oss-20b;131072;;;0.029 0.14
gpt-oss-safeguard-20b;131072;;;0.075 0.3 0.037
gpt-realtime gpt-realtime-2025-08-28 gpt-realtime-1.5;32000;;;4 16 0.4
gpt-realtime-2 gpt-realtime-2.1;128000;;;4 24 0.4
gpt-realtime-mini gpt-realtime-2.1-mini gpt-realtime-mini-2025-12-15 gpt-realtime-mini-2025-10-06;;;;0.6 2.4 0.06
o1 o1-2024-12-17;200000;100000;TIaR;15 60 7.5
o1-mini o1-mini-2024-09-12;128000;65536;tiaR;1.1 4.4 0.55
o1-preview o1-preview-2024-09-12;128000;32768;tiaR;15 60 7.5
o1-pro o1-pro-2025-03-19;200000;100000;TIaR;150 600
o3 o3-2025-04-16;200000;100000;TIaR;2 8 0.5
o3-deep-research o3-deep-research-2025-06-26;200000;100000;TIaR;10 40 2.5
o3-mini o3-mini-2025-01-31 o3-mini-high;200000;100000;TiaR;1.1 4.4 0.55
o3-pro o3-pro-2025-06-10;200000;100000;TIaR;20 80
o4-mini-2025-04-16 o4-mini-high o4-mini;200000;100000;TIaR;1.1 4.4 0.275
o4-mini-deep-research o4-mini-deep-research-2025-06-26;200000;100000;TIaR;2 8 0.5
text-davinci-002;;;;20 20
text-davinci-003;;;;20 20
text-embedding-3-large;8192
text-embedding-3-small;8192
text-embedding-ada text-embedding-ada-002 text-embedding-ada-002-v2;8192
`,
  "anthropic": `
claude-3-7-sonnet-20250219;200000;64000;TIaR
claude-opus-4-1-20250805;200000;32000;TIaR
claude-3-haiku-20240307;200000;4096;TIar
claude-3-5-haiku-20241022;200000;8192;TIar
claude-3-5-sonnet-20241022;200000;8192;TIar
claude-3-5-sonnet-20240620;200000;8192;TIar
claude-3-sonnet-20240229;200000;4096;TIar
claude-sonnet-4-20250514;200000;64000;TIaR
claude-3-opus-20240229;200000;4096;TIar
claude-2* *claude-v2*;200000;;;8 24
claude-3-5-haiku* claude-3.5-haiku*;200000;;;0.8 4 0.08 1
claude-3-5-sonnet* claude-3.5-sonnet*;200000;;;3 15 0.3 3.75
claude-3-7-sonnet* claude-3.7-sonnet* claude-sonnet-3.7* claude-sonnet-3-7*;200000;;;3 15 0.3 3.75
claude-3-haiku*;200000;;;0.25 1.25 0.03 0.3
claude-3-opus*;200000;;;15 75 1.5 18.75
claude-3-sonnet*;200000;;;3 15 0.3 3.75
claude-fable-5;1000000;;;10 50 1 12.5
claude-fable-5-1;1000000;;;10 50 0.25 12.5
claude-haiku-4-5* claude-haiku-4.5* claude-4-5-haiku* claude-4.5-haiku*;200000;;;1 5 0.1 1.25
claude-opus-4-0* claude-4-opus* claude-opus-4 claude-opus-4-20250514;200000;32000;TIaR;15 75 1.5 18.75
claude-opus-4-1* claude-opus-4.1*;200000;;;15 75 1.5 18.75
claude-opus-4-5* claude-opus-4.5* claude-4-5-opus* claude-4.5-opus*;200000;;;5 25 0.5 6.25
claude-opus-4-6* claude-opus-4.6* claude-4-6-opus* claude-4.6-opus*;1000000;;;5 25 0.5 6.25
claude-opus-4-7* claude-opus-4.7* claude-4-7-opus* claude-4.7-opus*;1000000;;;5 25 0.5 6.25
claude-opus-4-8* claude-opus-4.8* claude-4-8-opus* claude-4.8-opus*;1000000;;;5 25 0.5 6.25
claude-opus-5 claude-opus-5.0* claude-5-opus* claude-5.0-opus*;1000000;;;5 25 0.5 6.25
claude-opus-5-5 claude-opus-5.5* claude-5-5-opus* claude-5.5-opus*;1000000;;;4 20 0.2 5
claude-sonnet-4-2025* claude-sonnet-4-0* claude-sonnet-4@* claude-sonnet-4 claude-4-sonnet*;200000;;;3 15 0.3 3.75
claude-sonnet-4-5* claude-sonnet-4.5*;200000;;;3>200000:6 15>200000:22.5 0.3>200000:0.6 3.75>200000:7.5
claude-sonnet-4-6* claude-sonnet-4.6*;1000000;;;3 15 0.3 3.75
claude-sonnet-5* claude-sonnet-5.0* claude-5-sonnet* claude-5.0-sonnet*;1000000;;;2 10 0.2 2.5
claude-v1;;;;8 24
`,
  "gemini": `
gemini-2.5-flash-preview-05-20;1048576;65536;TIAR
gemini-2.5-pro;1048576;65536;TIAR
gemini-1.5-flash;1000000;8192;TIAr
gemini-2.0-flash-lite;1048576;8192;TIAr
gemini-1.5-pro;1000000;8192;TIAr
gemini-1.5-flash-8b;1000000;8192;TIAr
gemini-2.5-pro-preview-06-05;1048576;65536;TIAR
gemini-2.5-pro-preview-05-06;1048576;65536;TIAR
gemini-2.0-flash;1048576;8192;TIAr
gemini-2.5-flash-lite-preview-06-17;65536;65536;TIAR
gemini-2.5-flash-preview-04-17;1048576;65536;TIAR
*claude-3-5-haiku*;200000;;;0.8 4 0.08 1
*claude-3-5-sonnet*;200000;;;3 15 0.3 3.75
*claude-3-7-sonnet*;200000;;;3 15 0.3 3.75
*claude-3-haiku*;200000;;;0.25 1.25 0.03 0.3
*claude-3-opus*;200000;;;15 75 1.5 18.75
*claude-4-opus* *claude-opus-4@* *claude-opus-4-0* *claude-opus-4-1* claude-opus-4;200000;;;15 75 1.5 18.75
*claude-4-sonnet* *claude-sonnet-4-0* *claude-sonnet-4@* *claude-sonnet-4-2025* claude-sonnet-4 anthropic/claude-sonnet-4;200000;;;3 15 0.3 3.75
*claude-fable-5 *claude-fable-5@*;1000000;;;10 50 1 12.5
*claude-fable-5-1 *claude-fable-5-1@*;1000000;;;10 50 0.25 12.5
*claude-4-6-opus* *claude-opus-4-6* *claude-4.6-opus* *claude-opus-4.6*;1000000;;;5>200000:10 25>200000:37.5 0.5>200000:1 6.25>200000:12.5
*claude-4-7-opus* *claude-opus-4-7* *claude-4.7-opus* *claude-opus-4.7*;1000000;;;5 25 0.5 6.25
*claude-4-8-opus* *claude-opus-4-8* *claude-4.8-opus* *claude-opus-4.8*;1000000;;;5 25 0.5 6.25
*claude-5-opus* *claude-opus-5 *claude-opus-5@* *claude-5.0-opus* *claude-opus-5.0*;1000000;;;5 25 0.5 6.25
*claude-5-5-opus* *claude-opus-5-5 *claude-opus-5-5@* *claude-5.5-opus* *claude-opus-5.5*;1000000;;;4 20 0.2 5
*claude-sonnet-4-5* *claude-sonnet-4.5*;200000;;;3>200000:6 15>200000:22.5 0.3>200000:0.6 3.75>200000:7.5
*claude-sonnet-4-6* *claude-sonnet-4.6*;1000000;;;3 15 0.3 3.75
gemini-1.0-pro-vision-001;32768;;;0.125 0.375
*gemini-1.5-flash*;1000000;8192;TIAr;0.075>128000:0.15 0.3>128000:0.6 0.01875>128000:0.0375
*gemini-1.5-pro*;1000000;8192;TIAr;1.25>128000:2.5 5>128000:10
*gemini-2.0-flash *gemini-2.0-flash-0* *gemini-2.0-flash-exp* *gemini-2.0-flash-thinking* *gemini-2.0-flash-latest*;1048576;8192;TIAr;0.1 0.4 0.025
*gemini-2.0-flash-lite*;1048576;8192;TIAr;0.075 0.3
gemini-2.5-flash gemini-2.5-flash-latest gemini-2.5-flash-preview-09-2025;1048576;65536;TIAR;0.3 2.5 0.03
gemini-2.5-flash-image gemini-2.5-flash-image-preview;1000000;;;0.3 2.5
gemini-2.5-flash-lite;1000000;;;0.1 0.4 0.01
gemini-2.5-flash-lite-preview-tts;8192;;;0.5 10
*gemini-2.5-flash-preview-05-20* *gemini-2.5-flash-preview-04-17* gemini-2.5-flash-preview-05-20:thinking gemini-2.5-flash-preview gemini-2.5-flash-preview:thinking;;;;0.15 0.6
gemini-2.5-flash-tts gemini-2.5-flash-preview-tts;8192;;;0.5 10
gemini-2.5-pro-tts gemini-2.5-pro-preview-tts;8192;;;1 20
gemini-3-flash-preview gemini-3-flash-preview-*;1000000;;;0.5 3 0.05
gemini-3-pro-image gemini-3-pro-image-preview*;1000000;;;2 12
gemini-3-pro-preview* gemini-3-pro-text-preview;;;;2>200000:4 12>200000:18 0.2>200000:0.4
gemini-3.1-flash-image gemini-3.1-flash-image-preview*;1000000;;;0.5 3
gemini-3.1-flash-lite gemini-3.1-flash-lite-preview*;1000000;;;0.25 1.5 0.025
gemini-3.1-flash-lite-image*;;;;0.25 1.5
gemini-3.1-flash-live-preview*;;;;0.75 4.5
gemini-3.1-pro-preview*;;;;2>200000:4 12>200000:18 0.2>200000:0.4
gemini-3.5-flash gemini-3.5-flash-preview*;1000000;;;1.5 9 0.15
gemini-3.5-flash-lite*;1000000;;;0.3 2.5 0.03
gemini-3.6-flash*;1000000;;;0.75 3.75 0.075
gemini-3.7-flash*;1000000;;;0.75 3.75 0.075
gemini-3.8-flash*;1000000;;;0.75 3.75 0.075
gemini-embedding-2;8192
gemini-flash-1.5;;;;0.075>128000:0.15 0.3>128000:0.6 0.01875>128000:0.0375
gemini-flash-1.5-8b;1000000;;;0.0375>128000:0.075 0.15>128000:0.3 0.01>128000:0.02
gemini-live-2.5-flash* gemini-2.5-flash-native-audio-preview* gemini-2.5-flash-native-audio-latest;;;;0.5 2
gemini-omni-flash-preview*;;;;1.5 9
gemini-pro gemini-1.0-pro;32768;;;0.125 0.375
gemini-pro-1.5;2000000;;;1.25>128000:2.5 5>128000:10 0.3125>128000:0.625
gemma-2-27b-it;;;;0.65 0.65
gemma-4-26b-a4b-it;262144
gemma-4-26b-a4b-it-maas;262144;;;0.15 0.6 0.015
gemma-4-31b-it;262144
`,
  "vertex": `
gemini-2.5-flash-preview-05-20;1048576;65536;TIAR
gemini-2.5-pro;1048576;65536;TIAR
gemini-2.0-flash-lite;1048576;8192;TIAr
gemini-2.5-pro-preview-06-05;1048576;65536;TIAR
gemini-2.5-pro-preview-05-06;1048576;65536;TIAR
gemini-2.0-flash;1048576;8192;TIAr
gemini-2.5-flash-lite-preview-06-17;65536;65536;TIAR
gemini-2.5-flash-preview-04-17;1048576;65536;TIAR
*claude-3-5-haiku*;200000;;;0.8 4 0.08 1
*claude-3-5-sonnet*;200000;;;3 15 0.3 3.75
*claude-3-7-sonnet*;200000;;;3 15 0.3 3.75
*claude-3-haiku*;200000;;;0.25 1.25 0.03 0.3
*claude-3-opus*;200000;;;15 75 1.5 18.75
*claude-4-opus* *claude-opus-4@* *claude-opus-4-0* *claude-opus-4-1* claude-opus-4;200000;;;15 75 1.5 18.75
*claude-4-sonnet* *claude-sonnet-4-0* *claude-sonnet-4@* *claude-sonnet-4-2025* claude-sonnet-4 anthropic/claude-sonnet-4;200000;;;3 15 0.3 3.75
*claude-fable-5 *claude-fable-5@*;1000000;;;10 50 1 12.5
*claude-fable-5-1 *claude-fable-5-1@*;1000000;;;10 50 0.25 12.5
*claude-4-6-opus* *claude-opus-4-6* *claude-4.6-opus* *claude-opus-4.6*;1000000;;;5>200000:10 25>200000:37.5 0.5>200000:1 6.25>200000:12.5
*claude-4-7-opus* *claude-opus-4-7* *claude-4.7-opus* *claude-opus-4.7*;1000000;;;5 25 0.5 6.25
*claude-4-8-opus* *claude-opus-4-8* *claude-4.8-opus* *claude-opus-4.8*;1000000;;;5 25 0.5 6.25
*claude-5-opus* *claude-opus-5 *claude-opus-5@* *claude-5.0-opus* *claude-opus-5.0*;1000000;;;5 25 0.5 6.25
*claude-5-5-opus* *claude-opus-5-5 *claude-opus-5-5@* *claude-5.5-opus* *claude-opus-5.5*;1000000;;;4 20 0.2 5
*claude-sonnet-4-5* *claude-sonnet-4.5*;200000;;;3>200000:6 15>200000:22.5 0.3>200000:0.6 3.75>200000:7.5
*claude-sonnet-4-6* *claude-sonnet-4.6*;1000000;;;3 15 0.3 3.75
gemini-1.0-pro-vision-001;32768;;;0.125 0.375
*gemini-1.5-flash*;1000000;;;0.075>128000:0.15 0.3>128000:0.6 0.01875>128000:0.0375
*gemini-1.5-pro*;1000000;;;1.25>128000:2.5 5>128000:10
*gemini-2.0-flash *gemini-2.0-flash-0* *gemini-2.0-flash-exp* *gemini-2.0-flash-thinking* *gemini-2.0-flash-latest*;1048576;8192;TIAr;0.1 0.4 0.025
*gemini-2.0-flash-lite*;1048576;8192;TIAr;0.075 0.3
gemini-2.5-flash gemini-2.5-flash-latest gemini-2.5-flash-preview-09-2025;1048576;65536;TIAR;0.3 2.5 0.03
gemini-2.5-flash-image gemini-2.5-flash-image-preview;1000000;;;0.3 2.5
gemini-2.5-flash-lite;1000000;;;0.1 0.4 0.01
gemini-2.5-flash-lite-preview-tts;8192;;;0.5 10
*gemini-2.5-flash-preview-05-20* *gemini-2.5-flash-preview-04-17* gemini-2.5-flash-preview-05-20:thinking gemini-2.5-flash-preview gemini-2.5-flash-preview:thinking;;;;0.15 0.6
gemini-2.5-flash-tts gemini-2.5-flash-preview-tts;8192;;;0.5 10
gemini-2.5-pro-tts gemini-2.5-pro-preview-tts;8192;;;1 20
gemini-3-flash-preview gemini-3-flash-preview-*;1000000;;;0.5 3 0.05
gemini-3-pro-image gemini-3-pro-image-preview*;1000000;;;2 12
gemini-3-pro-preview* gemini-3-pro-text-preview;;;;2>200000:4 12>200000:18 0.2>200000:0.4
gemini-3.1-flash-image gemini-3.1-flash-image-preview*;1000000;;;0.5 3
gemini-3.1-flash-lite gemini-3.1-flash-lite-preview*;1000000;;;0.25 1.5 0.025
gemini-3.1-flash-lite-image*;;;;0.25 1.5
gemini-3.1-flash-live-preview*;;;;0.75 4.5
gemini-3.1-pro-preview*;;;;2>200000:4 12>200000:18 0.2>200000:0.4
gemini-3.5-flash gemini-3.5-flash-preview*;1000000;;;1.5 9 0.15
gemini-3.5-flash-lite*;1000000;;;0.3 2.5 0.03
gemini-3.6-flash*;1000000;;;0.75 3.75 0.075
gemini-3.7-flash*;1000000;;;0.75 3.75 0.075
gemini-3.8-flash*;1000000;;;0.75 3.75 0.075
gemini-embedding-2;8192
gemini-flash-1.5;;;;0.075>128000:0.15 0.3>128000:0.6 0.01875>128000:0.0375
gemini-flash-1.5-8b;1000000;;;0.0375>128000:0.075 0.15>128000:0.3 0.01>128000:0.02
gemini-live-2.5-flash* gemini-2.5-flash-native-audio-preview* gemini-2.5-flash-native-audio-latest;;;;0.5 2
gemini-omni-flash-preview*;;;;1.5 9
gemini-pro gemini-1.0-pro;32768;;;0.125 0.375
gemini-pro-1.5;2000000;;;1.25>128000:2.5 5>128000:10 0.3125>128000:0.625
gemma-2-27b-it;;;;0.65 0.65
gemma-4-26b-a4b-it;262144
gemma-4-26b-a4b-it-maas;262144;;;0.15 0.6 0.015
gemma-4-31b-it;262144
`,
  "azure": `
gpt-5-nano;272000;128000;TIaR
gpt-3.5-turbo-0613;16384;16384;tiar
gpt-3.5-turbo-0301;4096;4096;tiar
gpt-4.1;1047576;32768;TIar
gpt-4-turbo;128000;4096;TIar
gpt-5;272000;128000;TIaR
gpt-5-chat;128000;16384;tIaR
codex-mini;200000;100000;TiaR
gpt-4-turbo-vision;128000;4096;TIar
gpt-5-mini;272000;128000;TIaR
gpt-3.5-turbo-1106;16384;16384;tiar
gpt-4o-mini;128000;16384;TIar
gpt-4.1-nano;1047576;32768;TIar
gpt-4.1-mini;1047576;32768;TIar
gpt-3.5-turbo-0125;16384;16384;tiar
gpt-4-32k;32768;32768;Tiar
gpt-3.5-turbo-instruct;4096;4096;tiar
gpt-4o;128000;16384;TIar
gpt-4;8192;8192;Tiar
o4-mini;200000;100000;TIaR
mai-ds-r1:free;163840
o1 o1-2024-12-17;200000;100000;TIaR;15 60 7.5
o1-mini o1-mini-2024-09-12;128000;65536;TiaR;1.1 4.4 0.55
o1-preview o1-preview-2024-09-12;128000;32768;TiaR;15 60 7.5
o3 o3-2025-04-16;200000;100000;TIaR;2 8 0.5
o3-mini o3-mini-2025-01-31;200000;100000;TiaR;1.1 4.4 0.55
*o4-mini* *o4-mini-2025-04-16*;200000;100000;TIaR;1.1 4.4 0.28
phi-3-medium-128k-instruct;131072;;;1 1
phi-3-mini-128k-instruct;131072;;;0.1 0.1
phi-3.5-mini-128k-instruct;131072;;;0.1 0.1
phi-4;16384;;;0.07 0.14
phi-4-mini-instruct;131072;;;0.08 0.35
phi-4-multimodal-instruct;131072;;;0.05 0.1
phi-4-reasoning-plus;32768;;;0.07 0.35
phi-4-reasoning-plus:free;32768
phi-4-reasoning:free;32768
text-embedding-3-large;8192
text-embedding-3-small;8192
wizardlm-2-8x22b;;;;0.48 0.48
`,
  "bedrock": `
anthropic.claude-3-5-sonnet-20241022-v2:0;200000;8192;TIar
cohere.command-light-text-v14;4096;4096;tiar
anthropic.claude-opus-4-1-20250805-v1:0;200000;32000;TIaR
meta.llama3-1-70b-instruct-v1:0;128000;4096;Tiar
anthropic.claude-3-haiku-20240307-v1:0;200000;4096;TIar
meta.llama3-2-3b-instruct-v1:0;131000;4096;Tiar
anthropic.claude-3-opus-20240229-v1:0;200000;4096;TIar
cohere.command-text-v14;4096;4096;tiar
meta.llama4-scout-17b-instruct-v1:0;3500000;16384;TIar
amazon.nova-micro-v1:0;128000;8192;Tiar
amazon.nova-premier-v1:0;1000000;16384;TIaR
anthropic.claude-v2;100000;4096;tiar
anthropic.claude-3-7-sonnet-20250219-v1:0;200000;8192;TIar
ai21.jamba-1-5-mini-v1:0;256000;4096;Tiar
meta.llama3-8b-instruct-v1:0;8192;2048;tiar
ai21.jamba-1-5-large-v1:0;256000;4096;Tiar
anthropic.claude-opus-4-20250514-v1:0;200000;32000;TIaR
meta.llama3-70b-instruct-v1:0;8192;2048;tiar
meta.llama4-maverick-17b-instruct-v1:0;1000000;16384;TIar
amazon.nova-pro-v1:0;300000;8192;TIar
anthropic.claude-sonnet-4-20250514-v1:0;200000;64000;TIaR
anthropic.claude-3-5-haiku-20241022-v1:0;200000;8192;Tiar
amazon.nova-lite-v1:0;300000;8192;TIar
meta.llama3-2-1b-instruct-v1:0;131000;4096;Tiar
cohere.command-r-plus-v1:0;128000;4096;Tiar
anthropic.claude-instant-v1;100000;4096;tiar
meta.llama3-1-8b-instruct-v1:0;128000;4096;Tiar
anthropic.claude-3-5-sonnet-20240620-v1:0;200000;8192;TIar
cohere.command-r-v1:0;128000;4096;Tiar
meta.llama3-3-70b-instruct-v1:0;128000;4096;Tiar
meta.llama3-2-11b-instruct-v1:0;128000;4096;TIar
anthropic.claude-v2:1;200000;4096;tiar
meta.llama3-2-90b-instruct-v1:0;128000;4096;TIar
anthropic.claude-3-sonnet-20240229-v1:0;200000;4096;TIar
deepseek.r1-v1:0;128000;32768;TiaR
*amazon.nova-2-sonic*;1000000;;;0.33 2.75
*amazon.nova-lite*;300000;8192;TIar;0.06 0.24 0.015
*amazon.nova-micro*;128000;8192;Tiar;0.035 0.14 0.00875
*amazon.nova-premier*;1000000;16384;TIaR;2.5 12.5 0.625
*amazon.nova-pro*;300000;8192;TIar;0.8 3.2 0.2
*amazon.nova-sonic*;;;;0.06 0.24
*amazon.titan-embed-text*;8192
*titan-text-express*;;;;0.2 0.6
*titan-text-lite*;;;;0.15 0.2
*deepseek.r1*;128000;32768;TiaR;1.35 5.4
*global.amazon.nova-2-lite*;1000000;;;0.3 2.5 0.075
*global.anthropic.claude-fable-5-1 *global.anthropic.claude-fable-5-1-v1*;1000000;;;10 50 0.25 12.5
*global.anthropic.claude-fable-5 *global.anthropic.claude-fable-5-v1*;1000000;;;10 50 1 12.5
*global.anthropic.claude-haiku-4-5-20251001*;200000;;;1 5 0.1 1.25
*global.anthropic.claude-opus-4-5*;200000;;;5 25 0.5 6.25
*global.anthropic.claude-opus-4-6*;1000000;;;5 25 0.5 6.25
*global.anthropic.claude-opus-4-7*;1000000;;;5 25 0.5 6.25
*global.anthropic.claude-opus-4-8*;1000000;;;5 25 0.5 6.25
*global.anthropic.claude-opus-5 *global.anthropic.claude-opus-5-v1*;1000000;;;5 25 0.5 6.25
*global.anthropic.claude-opus-5-5 *global.anthropic.claude-opus-5-5-v1*;1000000;;;4 20 0.2 5
*global.anthropic.claude-sonnet-4-20250514*;200000;;;3 15 0.3 3.75
*global.anthropic.claude-sonnet-4-5-20250929*;200000;;;3 15 0.3 3.75
*global.anthropic.claude-sonnet-4-6*;1000000;;;3 15 0.3 3.75
*global.anthropic.claude-sonnet-5*;1000000;;;2 10 0.2 2.5
*global.openai.gpt-5.6-luna*;1000000;;;0.2>271999:0.4 1.2>271999:1.8 0.02>271999:0.04 0.25>271999:0.5
*global.openai.gpt-5.6-sol*;1000000;;;4>271999:8 20>271999:30 0.4>271999:0.8 5>271999:10
*global.openai.gpt-5.6-terra*;1000000;;;2>271999:4 12>271999:18 0.2>271999:0.4 2.5>271999:5
*google.gemma-3-12b-it*;128000;;;0.09 0.29
*google.gemma-3-27b-it*;128000;;;0.23 0.38
*google.gemma-3-4b-it*;128000;;;0.04 0.08
*meta.llama3-1-70b-instruct*;128000;4096;Tiar;0.72 0.72
*meta.llama3-1-8b-instruct*;128000;4096;Tiar;0.22 0.22
*meta.llama3-2-11b-instruct*;128000;4096;TIar;0.16 0.16
*meta.llama3-2-1b-instruct*;131000;4096;Tiar;0.1 0.1
*meta.llama3-2-3b-instruct*;131000;4096;Tiar;0.15 0.15
*meta.llama3-2-90b-instruct*;128000;4096;TIar;0.72 0.72
*meta.llama3-3-70b-instruct*;128000;4096;Tiar;0.72 0.72
*meta.llama3-70b-instruct*;8192;2048;tiar;2.65 3.5
*meta.llama3-8b-instruct*;8192;2048;tiar;0.3 0.6
*meta.llama4-maverick-17b-instruct*;1000000;16384;TIar;0.24 0.97
*meta.llama4-scout-17b-instruct*;10000000;16384;TIar;0.17 0.66
*mistral.devstral-2-123b*;256000;;;0.4 2
*mistral.magistral-small-2509*;128000;;;0.5 1.5
*mistral.ministral-3-14b-instruct*;128000;;;0.2 0.2
*mistral.ministral-3-3b-instruct*;128000;;;0.1 0.1
*mistral.ministral-3-8b-instruct*;128000;;;0.15 0.15
*mistral.mistral-7b-instruct-v0*;32000;;;0.15 0.2
*mistral.mistral-large-2402*;32000;;;4 12
*mistral.mistral-large-3-675b-instruct*;256000;;;0.5 1.5
*mistral.mistral-small-2402*;32000;;;1 3
*mistral.mixtral-8x7b-instruct-v0*;32000;;;0.45 0.7
*mistral.pixtral-large-2502*;128000;;;2 6
*mistral.voxtral-mini-3b-2507*;32000;;;0.04 0.04
*mistral.voxtral-small-24b-2507*;32000;;;0.1 0.3
*nvidia.nemotron-nano-3-30b*;256000;;;0.06 0.24
*nvidia.nemotron-nano-9b-v2*;128000;;;0.06 0.23
*nvidia.nemotron-super-3-120b*;256000;;;0.15 0.65
openai.gpt-5.4;;;;2.75 16.5 0.275
openai.gpt-5.5;;;;5.5 33 0.55
*openai.gpt-oss-120b-1*;128000;;;0.15 0.6
*openai.gpt-oss-20b-1*;128000;;;0.07 0.3
*qwen.qwen3-32b*;32000;;;0.15 0.6
*qwen.qwen3-coder-30b-a3b*;256000;;;0.15 0.6
*qwen.qwen3-coder-480b-a35b*;128000;;;0.45 1.8
*qwen.qwen3-vl-235b-a22b*;256000;;;0.53 2.66
*us.amazon.nova-2-lite* *eu.amazon.nova-2-lite* *jp.amazon.nova-2-lite*;1000000;;;0.33 2.75 0.0825
*claude-3-5-haiku-20241022*;200000;;;0.8 4 0.08 1
*claude-3-5-sonnet-20240620*;200000;;;3 15 0.3 3.75
*claude-3-5-sonnet-20241022*;200000;;;3 15 0.3 3.75
*claude-3-7-sonnet-20250219*;200000;;;3 15 0.3 3.75
*claude-3-haiku-20240307*;200000;;;0.25 1.25
*claude-3-opus-20240229*;200000;;;15 75
*claude-3-sonnet-20240229*;200000;;;3 15 0.3 3.75
anthropic.claude-fable-5-1 claude-fable-5-1 anthropic.claude-fable-5-1-v1* claude-fable-5-1-v1* *us.anthropic.claude-fable-5-1-v1*;1000000;;;11 55 0.275 13.75
anthropic.claude-fable-5 claude-fable-5 anthropic.claude-fable-5-v1* claude-fable-5-v1* *us.anthropic.claude-fable-5-v1* *au.anthropic.claude-fable-5-v1* *eu.anthropic.claude-fable-5-v1* *jp.anthropic.claude-fable-5-v1*;1000000;;;11 55 1.1 13.75
anthropic.claude-haiku-4-5-20251001* claude-haiku-4-5-20251001* *us.anthropic.claude-haiku-4-5-20251001* *au.anthropic.claude-haiku-4-5-20251001* *apac.anthropic.claude-haiku-4-5-20251001* *eu.anthropic.claude-haiku-4-5-20251001* *us-gov.anthropic.claude-haiku-4-5-20251001* *jp.anthropic.claude-haiku-4-5-20251001*;200000;;;1.1 5.5 0.11 1.375
anthropic.claude-opus-4-1-20250805* claude-opus-4-1-20250805* *us.anthropic.claude-opus-4-1-20250805* *au.anthropic.claude-opus-4-1-20250805* *apac.anthropic.claude-opus-4-1-20250805* *eu.anthropic.claude-opus-4-1-20250805* *us-gov.anthropic.claude-opus-4-1-20250805* *jp.anthropic.claude-opus-4-1-20250805*;200000;;;15 75 1.5 18.75
anthropic.claude-opus-4-20250514* claude-opus-4-20250514* *us.anthropic.claude-opus-4-20250514* *au.anthropic.claude-opus-4-20250514* *apac.anthropic.claude-opus-4-20250514* *eu.anthropic.claude-opus-4-20250514* *us-gov.anthropic.claude-opus-4-20250514* *jp.anthropic.claude-opus-4-20250514*;200000;;;15 75 1.5 18.75
anthropic.claude-opus-4-5* claude-opus-4-5* *us.anthropic.claude-opus-4-5* *au.anthropic.claude-opus-4-5* *apac.anthropic.claude-opus-4-5* *eu.anthropic.claude-opus-4-5* *us-gov.anthropic.claude-opus-4-5* *jp.anthropic.claude-opus-4-5*;200000;;;5.5 27.5 0.55 6.875
anthropic.claude-opus-4-6* claude-opus-4-6* *us.anthropic.claude-opus-4-6* *au.anthropic.claude-opus-4-6* *apac.anthropic.claude-opus-4-6* *eu.anthropic.claude-opus-4-6* *us-gov.anthropic.claude-opus-4-6* *jp.anthropic.claude-opus-4-6*;1000000;;;5.5 27.5 0.55 6.875
anthropic.claude-opus-4-7* claude-opus-4-7* *us.anthropic.claude-opus-4-7* *au.anthropic.claude-opus-4-7* *apac.anthropic.claude-opus-4-7* *eu.anthropic.claude-opus-4-7* *us-gov.anthropic.claude-opus-4-7* *jp.anthropic.claude-opus-4-7*;1000000;;;5.5 27.5 0.55 6.875
anthropic.claude-opus-4-8* claude-opus-4-8* *us.anthropic.claude-opus-4-8* *au.anthropic.claude-opus-4-8* *eu.anthropic.claude-opus-4-8* *jp.anthropic.claude-opus-4-8*;1000000;;;5.5 27.5 0.55 6.875
anthropic.claude-opus-5 claude-opus-5 anthropic.claude-opus-5-v1* claude-opus-5-v1* us.anthropic.claude-opus-5 au.anthropic.claude-opus-5 eu.anthropic.claude-opus-5 jp.anthropic.claude-opus-5 *us.anthropic.claude-opus-5-v1* *au.anthropic.claude-opus-5-v1* *eu.anthropic.claude-opus-5-v1* *jp.anthropic.claude-opus-5-v1*;1000000;;;5.5 27.5 0.55 6.875
anthropic.claude-opus-5-5 claude-opus-5-5 anthropic.claude-opus-5-5-v1* claude-opus-5-5-v1* us.anthropic.claude-opus-5-5 au.anthropic.claude-opus-5-5 eu.anthropic.claude-opus-5-5 jp.anthropic.claude-opus-5-5 *us.anthropic.claude-opus-5-5-v1* *au.anthropic.claude-opus-5-5-v1* *eu.anthropic.claude-opus-5-5-v1* *jp.anthropic.claude-opus-5-5-v1*;1000000;;;4.4 22 0.22 5.5
anthropic.claude-sonnet-4-20250514* claude-sonnet-4-20250514* *us.anthropic.claude-sonnet-4-20250514* *au.anthropic.claude-sonnet-4-20250514* *apac.anthropic.claude-sonnet-4-20250514* *eu.anthropic.claude-sonnet-4-20250514* *us-gov.anthropic.claude-sonnet-4-20250514* *jp.anthropic.claude-sonnet-4-20250514*;200000;;;3 15 0.3 3.75
anthropic.claude-sonnet-4-5-20250929* claude-sonnet-4-5-20250929* *us.anthropic.claude-sonnet-4-5-20250929* *au.anthropic.claude-sonnet-4-5-20250929* *apac.anthropic.claude-sonnet-4-5-20250929* *eu.anthropic.claude-sonnet-4-5-20250929* *us-gov.anthropic.claude-sonnet-4-5-20250929* *jp.anthropic.claude-sonnet-4-5-20250929*;200000;;;3.3 16.5 0.33 4.125
anthropic.claude-sonnet-4-6* claude-sonnet-4-6* *us.anthropic.claude-sonnet-4-6* *au.anthropic.claude-sonnet-4-6* *apac.anthropic.claude-sonnet-4-6* *eu.anthropic.claude-sonnet-4-6* *us-gov.anthropic.claude-sonnet-4-6* *jp.anthropic.claude-sonnet-4-6*;1000000;;;3.3 16.5 0.33 4.125
anthropic.claude-sonnet-5* claude-sonnet-5* *us.anthropic.claude-sonnet-5* *au.anthropic.claude-sonnet-5* *apac.anthropic.claude-sonnet-5* *eu.anthropic.claude-sonnet-5* *us-gov.anthropic.claude-sonnet-5* *jp.anthropic.claude-sonnet-5*;1000000;;;2.2 11 0.22 2.75
openai.gpt-5.6-luna* gpt-5.6-luna* *us.openai.gpt-5.6-luna* *in.openai.gpt-5.6-luna*;1000000;;;0.22>271999:0.44 1.32>271999:1.98 0.022>271999:0.044 0.275>271999:0.55
openai.gpt-5.6-sol* gpt-5.6-sol* *us.openai.gpt-5.6-sol*;1000000;;;4.4>271999:8.8 22>271999:33 0.44>271999:0.88 5.5>271999:11
openai.gpt-5.6-terra* gpt-5.6-terra* *us.openai.gpt-5.6-terra* *in.openai.gpt-5.6-terra*;1000000;;;2.2>271999:4.4 13.2>271999:19.8 0.22>271999:0.44 2.75>271999:5.5
*writer.palmyra-x4*;128000;;;2.5 10
*writer.palmyra-x5*;128000;;;0.6 6
`,
  "groq": `
qwen-qwq-32b;131072;16384;TiaR
moonshotai/kimi-k2-instruct-0905;262144;16384;Tiar
deepseek-r1-distill-llama-70b;131072;8192;TiaR;0.75 0.99
gemma-7b-it;;;;0.07 0.07
gemma2-9b-it gemma2-9b;8192;8192;Tiar;0.2 0.2
llama-3.1-405b-reasoning;;;;0.59 0.79
llama-3.1-70b-versatile;;;;0.59 0.79
llama-3.1-8b-instant;131072;8192;Tiar;0.05 0.08
llama-3.2-11b-text-preview;;;;0.18 0.18
llama-3.2-11b-vision-preview;;;;0.18 0.18
llama-3.2-1b-preview;;;;0.04 0.04
llama-3.2-3b-preview;;;;0.06 0.06
llama-3.2-90b-text-preview;;;;0.9 0.9
llama-3.2-90b-vision-preview;;;;0.9 0.9
llama-3.3-70b-specdec;;;;0.59 0.99
llama-3.3-70b-versatile;131072;32768;Tiar;0.59 0.79
llama-guard-3-8b;8192;8192;tiar;0.2 0.2
llama2-70b-4096;;;;0.7 0.8
llama3-70b-8192;8192;8192;Tiar;0.59 0.79
llama3-8b-8192;8192;8192;Tiar;0.05 0.08
llama3-groq-70b-8192-tool-use-preview;;;;0.89 0.89
llama3-groq-8b-8192-tool-use-preview;;;;0.19 0.19
meta-llama/llama-4-maverick-17b-128e-instruct;131072;8192;TIar;0.2 0.6
meta-llama/llama-4-scout-17b-16e-instruct;131072;8192;TIar;0.11 0.34
meta-llama/llama-guard-4-12b;131072;128;tIar;0.2 0.2
mistral-saba-24b;32768;32768;Tiar;0.79 0.79
mixtral-8x7b-32768;;;;0.24 0.24
moonshotai/kimi-k2-instruct moonshotai/kimi-k2-instruct-0905;131072;16384;Tiar;1 3 0.5
openai/gpt-oss-120b openai/gpt-oss-safeguard-20b;131072;32768;TiaR;0.15 0.6 0.075
openai/gpt-oss-20b;131072;32768;TiaR;0.075 0.3 0.0375
qwen/qwen3-32b;131072;16384;TiaR;0.29 0.59
`,
  "deepseek": `
deepseek-chat;128000;8192;Tiar
deepseek-chat* deepseek-chat-v3-0324;128000;8192;Tiar;0.27 1.1 0.07
deepseek-reasoner deepseek-r1* deepseek-r1-0528;128000;128000;TiaR;0.55 2.19 0.14
deepseek-v3.1-terminus;128000;;;0.27 0.95 0.13
deepseek-v3.2;128000;;;0.2288 0.3432
deepseek-v3.2-exp;128000;;;0.27 0.41
deepseek-v4-flash*;1000000;;;0.44 1.32 0.014
deepseek-v4-pro*;1000000;;;1.32 3.96 0.044
`,
  "mistral": `
devstral-medium-2507;128000;128000;Tiar
devstral-small-2507;128000;128000;Tiar
magistral-medium-latest;128000;16384;TiaR
magistral-small;128000;128000;TiaR
mistral-medium-2508;262144;262144;TIar
open-mixtral-8x22b;64000;64000;Tiar
ministral-3b-latest;128000;128000;Tiar
codestral-latest codestral-2501;256000;4096;Tiar;0.3 0.9
codestral-2508;256000;;;0.3 0.9 0.03
devstral-2512;262144;;;0.4 2 0.04
devstral-small devstral-small-2505 devstral-small-2507 devstral-small-latest labs-devstral-small-2512;128000;128000;Tiar;0.1 0.3
magistral-medium*;;;;2 5
magistral-small-*;128000;128000;TiaR;0.5 1.5
ministral-14b-2512;262144;;;0.2 0.2 0.02
ministral-3b;;;;0.04 0.04
ministral-3b-2512;131072;;;0.1 0.1 0.01
ministral-8b ministral-8b-2410;;;;0.1 0.1
ministral-8b-2512;262144;;;0.15 0.15 0.015
ministral-8b-latest;128000;128000;Tiar;0.15 0.15 0.015
mistral-7b open-mistral-7b;8000;8000;Tiar;0.25 0.25
mistral-embed;8192;;;0.1 0.1
mistral-large mistral-large-latest mistral-large-2407 mistral-large-2411;131072;16384;Tiar;2 6
mistral-large-2512;262144;;;0.5 1.5 0.05
mistral-medium-2312;;;;2.7 8.1
mistral-medium mistral-medium-2505 mistral-medium-2508;131072;131072;TIar;0.4 2 0.04
mistral-medium-3.5 mistral-medium-3-5 mistral-medium-3;262144;;;1.5 7.5 0.15
mistral-medium-latest;128000;16384;TIar;1.5 7.5 0.15
mistral-nemo open-mistral-nemo;128000;128000;Tiar;0.15 0.15
mistral-ocr-2512 mistral-ocr-2512-completion;16384
mistral-ocr-4-0 mistral-ocr-4-0-completion;16384
mistral-ocr-4 mistral-ocr-4-completion mistral-ocr-4-1 mistral-ocr-4-1-completion;16384
mistral-saba mistral-saba-latest;;;;0.2 0.6
mistral-small-24b-instruct-2501;;;;0.05 0.08
mistral-small-2603;262144;;;0.15 0.6 0.015
mistral-small-3.1-24b-instruct;;;;0.351 0.555
mistral-small-3.2-24b-instruct;;;;0.075 0.2
mistral-small-latest;128000;16384;TIar;0.1 0.3
mistral-tiny;;;;0.25 0.25
mixtral-8x22b-instruct;;;;0.9 0.9
mixtral-8x7b* open-mixtral-8x7b;32000;32000;Tiar;0.7 0.7
pixtral-12b pixtral-12b-latest;128000;128000;TIar;0.15 0.15
pixtral-large-latest pixtral-large-2411;128000;128000;TIar;2 6
voxtral-mini-latest voxtral-mini-2602;16384
voxtral-small-24b-2507 voxtral-small-2507 voxtral-small-latest;32768;;;0.1 0.4 0.01
`,
  "xai": `
grok-3-mini-fast-latest;131072;8192;TiaR
grok-3-mini-latest;131072;8192;TiaR
grok-beta;131072;4096;Tiar
grok-3-fast-latest;131072;8192;Tiar
grok-2;131072;8192;Tiar
grok-2-vision-latest;8192;4096;TIar
grok-3-latest;131072;8192;Tiar
grok-2-vision;8192;4096;TIar
grok-2-latest;131072;8192;Tiar
grok-vision-beta;8192;4096;TIar
grok-2-1212 grok-2 grok-2-latest;131072;8192;Tiar;2 10
grok-2-vision-1212 grok-2-vision grok-2-vision-latest;32768;4096;TIar;2 10
grok-3 grok-3-latest grok-3-beta;131072;8192;Tiar;3 15 0.75
grok-3-fast grok-3-fast-latest grok-3-fast-beta;131072;8192;Tiar;5 25 1.25
grok-3-mini grok-3-mini-beta grok-3-mini-latest;131072;8192;TiaR;0.3 0.5 0.075
grok-3-mini-fast grok-3-mini-fast-beta grok-3-mini-fast-latest;131072;8192;TiaR;0.6 4 0.15
grok-4-0709 grok-4 grok-4-latest;256000;64000;TiaR;3 15 0.75
grok-4-1-fast-non-reasoning grok-4-1-fast-non-reasoning-latest;2000000;;;0.2 0.5 0.05
grok-4-1-fast grok-4-1-fast-reasoning grok-4-1-fast-reasoning-latest;2000000;;;0.2 0.5 0.05
grok-4-fast-non-reasoning grok-4-fast-non-reasoning-latest;2000000;;;0.2 0.5 0.05
grok-4-fast grok-4-fast-reasoning grok-4-fast-reasoning-latest;2000000;;;0.2 0.5 0.05
grok-4.20;1000000;;;1.25>199999:2.5 2.5>199999:5 0.2>199999:0.4
grok-4.20-multi-agent;1000000;;;2 6 0.2
grok-4.3 x-ai/grok-4.3 grok-4.3-latest;1000000;;;1.25>199999:2.5 2.5>199999:5 0.2>199999:0.4
grok-4.5 x-ai/grok-4.5 grok-4.5-latest grok-latest;500000;;;2>199999:4 6>199999:12 0.3>199999:0.6
grok-4.6 x-ai/grok-4.6 grok-4.6-latest;500000;;;2>199999:4 6>199999:12 0.5>199999:1
grok-build-0.1;256000;;;1>199999:2 2>199999:4 0.2>199999:0.4
grok-code-fast grok-code-fast-1 grok-code-fast-1-0825;256000;;;0.2 1.5 0.02
`,
  "together": `
deepseek-ai/deepseek-v3;131072;12288;TiaR
deepseek-ai/deepseek-r1;163839;12288;tiaR
openai/gpt-oss-120b;131072;131072;TiaR
qwen/qwen3-coder-480b-a35b-instruct-fp8;262144;66536;Tiar
moonshotai/kimi-k2-instruct;131072;32768;Tiar
austism/chronos-hermes-13b;;;;0.3 0.3
gryphe/mythomax-l2-13b;;;;0.3 0.3
nexusflow/nexusraven-v2-13b;;;;0.3 0.3
nousresearch/nous-capybara-7b-v1p9;;;;0.2 0.2
nousresearch/nous-hermes-2-mixtral-8x7b-dpo;;;;0.9 0.9
nousresearch/nous-hermes-2-mixtral-8x7b-sft;;;;0.9 0.9
nousresearch/nous-hermes-2-yi-34b;;;;0.8 0.8
nousresearch/nous-hermes-llama2-13b;;;;0.225 0.225
nousresearch/nous-hermes-llama-2-7b;;;;0.2 0.2
open-orca/mistral-7b-openorca;;;;0.2 0.2
qwen/qwen1.5-0.5b qwen/qwen1.5-0.5b-chat;;;;0.1 0.1
qwen/qwen1.5-1.8b qwen/qwen1.5-1.8b-chat;;;;0.1 0.1
qwen/qwen1.5-14b qwen/qwen1.5-14b-chat;;;;0.3 0.3
qwen/qwen1.5-4b qwen/qwen1.5-4b-chat;;;;0.1 0.1
qwen/qwen1.5-72b;;;;0.9 0.9
qwen/qwen1.5-7b qwen/qwen1.5-7b-chat;;;;0.2 0.2
undi95/remm-slerp-l2-13b;;;;0.3 0.3
undi95/toppy-m-7b;;;;0.2 0.2
wizardlm/wizardlm-13b-v1.2;;;;0.3 0.3
allenai/olmo-7b allenai/olmo-7b-instruct allenai/olmo-7b-twin-2t;;;;0.2 0.2
codellama/codellama-13b-instruct-hf;;;;0.225 0.225
codellama/codellama-34b-instruct-hf;;;;0.776 0.776
codellama/codellama-70b-instruct-hf;;;;0.9 0.9
codellama/codellama-7b-instruct-hf;;;;0.2 0.2
deepseek-ai/deepseek-coder-33b-instruct;;;;0.8 0.8
garage-baind/platypus2-70b-instruct;;;;0.9 0.9
google/gemma-2b google/gemma-2b-it;;;;0.1 0.1
google/gemma-7b google/gemma-7b-it;;;;0.2 0.2
lmsys/vicuna-13b-v1.5;;;;0.3 0.3
lmsys/vicuna-7b-v1.5;;;;0.2 0.2
meta-llama/llama-2-13b-chat-hf;;;;0.225 0.225
meta-llama/llama-2-70b-chat-hf;;;;0.9 0.9
meta-llama/llama-2-7b-chat-hf;;;;0.2 0.2
meta-llama/llama-3-70b-chat-hf;;;;0.9 0.9
meta-llama/llama-3-8b-chat-hf;;;;0.2 0.2
meta-llama/llama-3.3-70b-instruct-turbo;131072;66536;Tiar;0.88 0.88
meta-llama/llama-4-maverick-17b-128e-instruct-fp8;;;;0.27 0.85
meta-llama/llama-4-scout-17b-16e-instruct;;;;0.18 0.59
meta-llama/meta-llama-3-70b-instruct-lite;;;;0.54 0.54
meta-llama/meta-llama-3-70b-instruct-turbo;;;;0.88 0.88
meta-llama/meta-llama-3-8b-instruct-lite;;;;0.1 0.1
meta-llama/meta-llama-3-8b-instruct-turbo;;;;0.18 0.18
meta-llama/meta-llama-3.1-405b-instruct-turbo;;;;3.5 3.5
meta-llama/meta-llama-3.1-70b-instruct-turbo;;;;0.88 0.88
meta-llama/meta-llama-3.1-8b-instruct-turbo;;;;0.18 0.18
meta-llama/meta-llama-3.3-70b-instruct-turbo;;;;0.88 0.88
microsoft/wizardlm-2-8x22b;;;;1.2 1.2
microsoft/phi-2;;;;0.1 0.1
mistralai/mistral-7b-instruct-v0.1;;;;0.2 0.2
mistralai/mistral-7b-instruct-v0.2;;;;0.2 0.2
mistralai/mistral-7b-v0.1;;;;0.2 0.2
mistralai/mixtral-8x22b-instruct-v0.1;;;;2.4 2.4
mistralai/mixtral-8x7b-instruct-v0.1;;;;0.9 0.9
mistralai/mixtral-8x7b-v0.1;;;;0.9 0.9
openchat/openchat-3.5-1210;;;;0.2 0.2
snorkelai/snorkel-mistral-pairrm-dpo;;;;0.2 0.2
teknium/openhermes-2-mistral-7b;;;;0.2 0.2
teknium/openhermes-2p5-mistral-7b;;;;0.2 0.2
togethercomputer/gpt-jt-moderation-6b;;;;0.2 0.2
togethercomputer/llama-2-7b-32k-instruct;;;;0.2 0.2
togethercomputer/redpajama-incite-7b-base;;;;0.2 0.2
togethercomputer/redpajama-incite-7b-chat;;;;0.2 0.2
togethercomputer/redpajama-incite-7b-instruct;;;;0.2 0.2
togethercomputer/redpajama-incite-base-3b-v1;;;;0.1 0.1
togethercomputer/redpajama-incite-chat-3b-v1;;;;0.1 0.1
togethercomputer/redpajama-incite-instruct-3b-v1;;;;0.1 0.1
togethercomputer/stripedhyena-hessian-7b;;;;0.2 0.2
togethercomputer/stripedhyena-nous-7b;;;;0.2 0.2
togethercomputer/alpaca-7b;;;;0.2 0.2
upstage/solar-10.7b-instruct-v1.0;;;;0.3 0.3
zero-one-ai/yi-34b;;;;0.8 0.8
zero-one-ai/yi-6b;;;;0.2 0.2
`,
  "openrouter": `
deepseek/deepseek-r1-0528:free;163840;163840;TiaR
deepseek/deepseek-r1-0528-qwen3-8b:free;131072;131072;TiaR
featherless/qwerky-72b;32768;8192;tiar
openrouter/horizon-beta;256000;128000;TIar
openrouter/cypher-alpha:free;1000000;1000000;Tiar
openrouter/sonoma-dusk-alpha;2000000;2000000;TIar
openrouter/sonoma-sky-alpha;2000000;2000000;TIar
openrouter/horizon-alpha;256000;128000;TIar
anthropic/claude-opus-4.1;200000;32000;TIaR
openai/gpt-5-chat;400000;128000;tIaR
sarvamai/sarvam-m:free;32768;32768;TiaR
x-ai/grok-3;131072;8192;Tiar
x-ai/grok-3-mini;131072;8192;TiaR
x-ai/grok-4;256000;64000;TiaR
mistralai/devstral-small-2505;128000;128000;Tiar
mistralai/mistral-small-3.2-24b-instruct:free;96000;96000;TIar
mistralai/devstral-medium-2507;131072;131072;Tiar
mistralai/devstral-small-2507;131072;131072;Tiar
mistralai/devstral-small-2505:free;32768;32768;Tiar
google/gemma-3n-e4b-it:free;8192;8192;TIAr
google/gemini-2.5-pro-preview-06-05;1048576;65536;TIAR
google/gemini-2.5-pro-preview-05-06;1048576;65536;TIAR
microsoft/mai-ds-r1:free;163840;163840;TiaR
z-ai/glm-4.5-air:free;128000;96000;tiaR
cognitivecomputations/dolphin3.0-mistral-24b;32768;8192;Tiar
cognitivecomputations/dolphin3.0-r1-mistral-24b;32768;8192;TiaR
qwen/qwen3-30b-a3b:free;40960;40960;TiaR
qwen/qwen3-32b:free;40960;40960;TiaR
qwen/qwen3-235b-a22b:free;131072;131072;TiaR
qwen/qwen3-235b-a22b-07-25:free;262144;131072;Tiar
qwen/qwen3-8b:free;40960;40960;TiaR
qwen/qwen3-235b-a22b-07-25;262144;131072;Tiar
qwen/qwen3-14b:free;40960;40960;TiaR
tngtech/deepseek-r1t2-chimera:free;163840;163840;tiaR
nousresearch/deephermes-3-llama-3-8b-preview;131072;8192;TiaR
moonshotai/kimi-k2:free;32800;32800;Tiar
moonshotai/kimi-dev-72b:free;131072;131072;Tiar
01-ai/yi-large;;;;3 3
aetherwiing/mn-starcannon-12b;;;;0.8 1.2
ai21/jamba-1-5-large;;;;2 8
ai21/jamba-1-5-mini;;;;0.2 0.4
ai21/jamba-1.6-large;;;;2 8
ai21/jamba-1.6-mini;;;;0.2 0.4
ai21/jamba-instruct;;;;0.5 0.7
ai21/jamba-large-1.7;;;;2 8
aion-labs/aion-1.0;;;;4 8
aion-labs/aion-1.0-mini;;;;0.7 1.4
aion-labs/aion-2.0;131072;;;0.8 1.6 0.2
aion-labs/aion-rp-llama-3.1-8b;32768;;;0.2 0.2
alfredpros/codellama-7b-instruct-solidity;;;;0.8 1.2
all-hands/openhands-lm-32b-v0.1;;;;2.6 3.4
allenai/olmo-3-32b-think;65536;;;0.15 0.5
alpindale/goliath-120b;;;;6.5625 9.375
alpindale/magnum-72b;;;;1.5 2.25
amazon/nova-2-lite-v1;1000000;;;0.3 2.5
amazon/nova-lite-v1;300000;;;0.06 0.24
amazon/nova-micro-v1;128000;;;0.035 0.14
amazon/nova-premier-v1;1000000;;;2.5 12.5 0.625
amazon/nova-pro-v1;300000;;;0.8 3.2
anthracite-org/magnum-v2-72b;;;;3 3
anthracite-org/magnum-v4-72b;32768;;;1.5 2.25
anthropic/claude-2 anthropic/claude-2.0 anthropic/claude-2.0:beta anthropic/claude-2.1 anthropic/claude-2.1:beta anthropic/claude-2:beta;;;;8 24
anthropic/claude-3-haiku anthropic/claude-3-haiku:beta;200000;;;0.25 1.25
anthropic/claude-3-opus anthropic/claude-3-opus:beta;;;;15 75
anthropic/claude-3-sonnet anthropic/claude-3-sonnet:beta;;;;3 15
anthropic/claude-3.5-haiku anthropic/claude-3.5-haiku-20241022 anthropic/claude-3.5-haiku-20241022:beta anthropic/claude-3.5-haiku:beta;200000;8192;TIar;0.8 4
anthropic/claude-3.5-sonnet anthropic/claude-3.5-sonnet-20240620 anthropic/claude-3.5-sonnet-20240620:beta anthropic/claude-3.5-sonnet:beta;;;;3 15
anthropic/claude-3.7-sonnet anthropic/claude-3.7-sonnet:beta anthropic/claude-3.7-sonnet:thinking;200000;128000;TIaR;3 15
anthropic/claude-fable-5 anthropic/claude-fable-5:beta;1000000;;;10 50 1 12.5
anthropic/claude-fable-5.1 anthropic/claude-fable-5.1:beta;1000000;;;10 50 0.25 12.5
anthropic/claude-haiku-4.5 anthropic/claude-4.5-haiku-20251001 anthropic/claude-4.5-haiku-20251001:beta anthropic/claude-haiku-4.5-20251001 anthropic/claude-haiku-4.5-20251001:beta anthropic/claude-haiku-4.5:beta;200000;;;1 5 0.1 1.25
anthropic/claude-opus-4 anthropic/claude-opus-4.1;200000;32000;TIaR;15 75 1.5 18.75
anthropic/claude-opus-4.5 anthropic/claude-4.5-opus-20251124 anthropic/claude-4.5-opus-20251124:beta anthropic/claude-opus-4.5-20251124 anthropic/claude-opus-4.5-20251124:beta anthropic/claude-opus-4.5:beta;200000;;;5 25 0.5 6.25
anthropic/claude-opus-4.6 anthropic/claude-4.6-opus-20260205 anthropic/claude-4.6-opus-20260205:beta anthropic/claude-opus-4.6-20260205 anthropic/claude-opus-4.6-20260205:beta anthropic/claude-opus-4.6:beta;1000000;;;5 25 0.5 6.25
anthropic/claude-opus-4.6-fast;;;;30 150 3 37.5
anthropic/claude-opus-4.7 anthropic/claude-opus-4.7:beta;1000000;;;5 25 0.5 6.25
anthropic/claude-opus-4.7-fast;1000000;;;30 150 3 37.5
anthropic/claude-opus-4.8 anthropic/claude-opus-4.8:beta;1000000;;;5 25 0.5 6.25
anthropic/claude-opus-4.8-fast;1000000;;;10 50 1 12.5
anthropic/claude-opus-5 anthropic/claude-opus-5:beta;1000000;;;5 25 0.5 6.25
anthropic/claude-opus-5-fast;1000000;;;10 50 1 12.5
anthropic/claude-opus-5.5 anthropic/claude-opus-5.5:beta;1000000;;;4 20 0.2 5
anthropic/claude-sonnet-4;200000;64000;TIaR;3 15 0.3 3.75
anthropic/claude-sonnet-4.5 anthropic/claude-4.5-sonnet-20250929 anthropic/claude-4.5-sonnet-20250929:beta anthropic/claude-sonnet-4.5-20250929 anthropic/claude-sonnet-4.5-20250929:beta anthropic/claude-sonnet-4.5:beta;1000000;;;3>200000:6 15>200000:22.5 0.3>200000:0.6 3.75>200000:7.5
anthropic/claude-sonnet-4.6 anthropic/claude-4.6-sonnet-20260217 anthropic/claude-4.6-sonnet-20260217:beta anthropic/claude-sonnet-4.6-20260217 anthropic/claude-sonnet-4.6-20260217:beta anthropic/claude-sonnet-4.6:beta;1000000;;;3 15 0.3 3.75
anthropic/claude-sonnet-5 anthropic/claude-sonnet-5:beta;1000000;;;2 10 0.2 2.5
anubis-pro-105b-v1;;;;0.8 1
arcee-ai/coder-large;;;;0.5 0.8
arcee-ai/trinity-large-thinking;262144;;;0.22 0.85 0.06
arcee-ai/trinity-mini;;;;0.045 0.15
arcee-ai/virtuoso-large;131072;;;0.75 1.2
arcee-blitz;;;;0.45 0.75
baidu/ernie-4.5-vl-424b-a47b;123000;;;0.42 1.25
bytedance-seed/seed-1.6;262144;;;0.25 2
bytedance-seed/seed-1.6-flash;262144;;;0.075 0.3
bytedance-seed/seed-2.0-lite;262144;;;0.25 2
bytedance-seed/seed-2.0-mini;262144;;;0.1 0.4
bytedance/ui-tars-1.5-7b;128000;;;0.1 0.2
caller-large;;;;0.55 0.85
chatgpt-4o-latest;;;;5 15
claude-2 claude-2.0 claude-2.0:beta claude-2.1 claude-2.1:beta claude-2:beta;;;;8 24
claude-3-opus claude-3-opus:beta;;;;15 75 1.5 18.75
claude-3-sonnet claude-3-sonnet:beta;;;;3 15 0.3 3.75
claude-3.5-sonnet claude-3.5-sonnet-20240620 claude-3.5-sonnet-20240620:beta claude-3.5-sonnet:beta;;;;3 15 0.3 3.75
claude-3.7-sonnet claude-3.7-sonnet:beta claude-3.7-sonnet:thinking;;;;3 15 0.3 3.75
codellama-7b-instruct-solidity;;;;0.8 1.2
codestral-2501;;;;0.3 0.9
codex-mini;;;;1.5 6 0.375
cognitivecomputations/dolphin-mixtral-8x22b;;;;0.9 0.9
cognitivecomputations/dolphin-mixtral-8x7b;;;;0.5 0.5
cohere/command;;;;1 2
cohere/command-a;256000;;;2.5 10
cohere/command-r cohere/command-r-03-2024;;;;0.5 1.5
cohere/command-r-08-2024;128000;;;0.15 0.6
cohere/command-r-plus cohere/command-r-plus-04-2024;;;;3 15
cohere/command-r-plus-08-2024;128000;;;2.5 10
cohere/command-r7b-12-2024;128000;;;0.0375 0.15
command;;;;1 2
command-r command-r-03-2024;;;;0.5 1.5
command-r-plus command-r-plus-04-2024;;;;3 15
deepcogito/cogito-v2.1-671b;;;;1.25 1.25
deepseek-prover-v2;;;;0.5 2.18
deepseek-r1-0528-qwen3-8b;;;;0.05 0.1
deepseek-r1-distill-llama-8b;;;;0.04 0.04
deepseek-r1-distill-qwen-1.5b;;;;0.18 0.18
deepseek-r1-distill-qwen-14b;;;;0.15 0.15
deepseek-r1-distill-qwen-7b;;;;0.1 0.2
deepseek/deepseek-chat;;;;0.38 0.89
deepseek/deepseek-chat-v3-0324;163840;8192;tiar;0.3 0.88
deepseek/deepseek-chat-v3.1;163840;163840;TiaR;0.21 0.79 0.13
deepseek/deepseek-r1;64000;;;0.45 2.15
deepseek/deepseek-r1-0528;;;;0.5 2.15
deepseek/deepseek-r1-distill-llama-70b;8192;8192;tiaR;0.1 0.4
deepseek/deepseek-r1-distill-llama-8b;;;;0.04 0.04
deepseek/deepseek-r1-distill-qwen-1.5b;;;;0.18 0.18
deepseek/deepseek-r1-distill-qwen-14b;64000;8192;tiaR;0.15 0.15
deepseek/deepseek-r1-distill-qwen-32b;;;;0.12 0.18
deepseek/deepseek-r1:free;163840;163840;TiaR
deepseek/deepseek-v3-base:free;163840;163840;tiar
deepseek/deepseek-v3.1-terminus;163840;;;0.23 0.9
deepseek/deepseek-v3.2;;;;0.2288 0.3432
deepseek/deepseek-v3.2-exp;163840;;;0.27 0.41
deepseek/deepseek-v4-flash;;;;0.0983 0.1966 0.0197
deepseek/deepseek-v4-pro;;;;0.435 0.87 0.003625
devstral-small;;;;0.06 0.12
dobby-mini-unhinged-plus-llama-3.1-8b;;;;0.2 0.2
dolphin-mixtral-8x22b;;;;0.9 0.9
eleutherai/llemma_7b;;;;0.8 1.2
essentialai/rnj-1-instruct;;;;0.15 0.15
eva-llama-3.33-70b;;;;4 6
eva-qwen-2.5-32b;;;;2.6 3.4
eva-qwen-2.5-72b;;;;4 6
eva-unit-01/eva-llama-3.33-70b;;;;4 6
eva-unit-01/eva-qwen-2.5-32b;;;;2.6 3.4
eva-unit-01/eva-qwen-2.5-72b;;;;0.9 1.2
fimbulvetr-11b-v2;;;;0.8 1.2
gemini-2.0-flash-001;;;;0.1 0.4 0.025 0.1833
gemini-2.0-flash-lite-001;;;;0.075 0.3
gemini-2.5-flash-lite-preview-06-17;;;;0.1 0.4
gemini-2.5-flash-preview gemini-2.5-flash-preview-05-20;;;;0.15 0.6 0.0375 0.2333
gemini-2.5-flash-preview-05-20:thinking;;;;0.15 3.5 0.0375 0.2333
gemini-2.5-flash-preview:thinking;;;;0.15 3.5 0.0375 0.2333
gemini-flash-1.5;;;;0.075 0.3 0.01875 0.1583
gemini-flash-1.5-8b;;;;0.0375 0.15 0.01 0.0583
gemini-pro-1.5;;;;1.25 5
gemma-2-9b-it;;;;0.2 0.2
glm-4-32b;;;;0.24 0.24
glm-5v-turbo;;;;1.2 4 0.24
glm-z1-32b;;;;0.24 0.24
glm-z1-rumination-32b;;;;0.24 0.24
goliath-120b;;;;10 12.5
google/gemini-2.0-flash-001;1048576;8192;TIAr;0.1 0.4
google/gemini-2.0-flash-exp:free;1048576;1048576;TIar
google/gemini-2.0-flash-lite-001;;;;0.075 0.3
google/gemini-2.5-flash;1048576;65536;TIAR;0.3 2.5 0.075 0.3833
google/gemini-2.5-flash-image;32768;;;0.3 2.5 0.03 0.08333333333333334
google/gemini-2.5-flash-lite;1048576;;;0.1 0.4 0.01 0.08333333333333334
google/gemini-2.5-flash-lite-preview-09-2025;;;;0.1 0.4
google/gemini-2.5-flash-preview;;;;0.15 0.6
google/gemini-2.5-flash-preview-09-2025;;;;0.3 2.5 0.075 0.383
google/gemini-2.5-flash-preview:thinking;;;;0.15 3.5
google/gemini-2.5-pro google/gemini-2.5-pro-preview google/gemini-2.5-pro-preview-05-06;1048576;65536;TIAR;1.25 10 0.31 1.625
google/gemini-2.5-pro-preview-03-25;;;;1.25 10
google/gemini-3-flash-preview;1048576;;;0.5 3 0.05 0.08333333333333334
google/gemini-3-pro-image-preview;65536;;;2 12 0.2 0.375
google/gemini-3.1-flash-image-preview;65536;;;0.5 3
google/gemini-3.1-flash-lite google/gemini-3.1-flash-lite-preview;1048576;;;0.25 1.5 0.025 0.08333333333333334
google/gemini-3.1-pro-preview google/gemini-3.1-pro-preview-customtools;1048576;;;2 12 0.2 0.375
google/gemini-3.5-flash;1048576;;;1.5 9 0.15 0.08333333333333334
google/gemini-flash-1.5;;;;0.075 0.3
google/gemini-flash-1.5-8b;;;;0.0375 0.15
google/gemini-pro google/gemini-pro-vision;;;;0.5 1.5
google/gemini-pro-1.5;;;;1.25 5
google/gemma-2-27b-it;8192;;;0.8 0.8
google/gemma-2-9b-it;;;;0.07 0.07
google/gemma-2-9b-it:free;8192;8192;Tiar
google/gemma-3-12b-it;131072;8192;TIar;0.05 0.1
google/gemma-3-27b-it;96000;8192;TIar;0.1 0.2
google/gemma-3-4b-it;131072;;;0.02 0.04
google/gemma-3n-e4b-it;8192;8192;tIAr;0.06 0.12
google/gemma-4-26b-a4b-it;;;;0.06 0.33
google/gemma-4-26b-a4b-it:free;262144
google/gemma-4-31b-it;262144;;;0.09 0.34 0.05
google/gemma-4-31b-it:free;262144
google/lyria-3-clip-preview;1048576
google/lyria-3-pro-preview;1048576
google/palm-2-chat-bison google/palm-2-chat-bison-32k;;;;1 2
google/palm-2-codechat-bison google/palm-2-codechat-bison-32k;;;;1 2
gpt-3.5-turbo-1106;;;;1 2
gpt-4-1106-preview;;;;10 30
gpt-4.5-preview;;;;75 150 37.5
gpt-4o:extended;;;;6 18
grok-2-1212;;;;2 10
grok-2-vision-1212;;;;2 10
grok-3 grok-3-beta;;;;3 15 0.75
grok-3-mini grok-3-mini-beta;;;;0.3 0.5 0.075
grok-beta;;;;5 15
grok-vision-beta;;;;5 15
gryphe/mythomax-l2-13b;;;;0.065 0.065
hermes-2-pro-llama-3-8b;;;;0.025 0.04
ibm-granite/granite-4.0-h-micro;131000;;;0.017 0.112
ibm-granite/granite-4.1-8b;131072;;;0.05 0.1
inception/mercury-2;128000;;;0.25 0.75 0.025
inclusionai/ling-2.6-1t;;;;0.075 0.625 0.015
inclusionai/ling-2.6-flash;;;;0.01 0.03 0.002
inclusionai/ring-2.6-1t;;;;0.075 0.625 0.015
infermatic/mn-inferor-12b;;;;0.8 1.2
inflection/inflection-3-pi;;;;2.5 10
inflection/inflection-3-productivity;;;;2.5 10
jamba-1.6-large;;;;2 8
jamba-1.6-mini;;;;0.2 0.4
jondurbin/airoboros-l2-70b;;;;0.5 0.5
kwaipilot/kat-coder-pro-v2;;;;0.3 1.2 0.06
l3-euryale-70b;;;;1.48 1.48
latitudegames/wayfarer-large-70b-llama-3.3;;;;0.8 0.9
lfm-3b;;;;0.02 0.02
lfm-40b;;;;0.15 0.15
lfm-7b;;;;0.01 0.01
liquid/lfm-2-24b-a2b;;;;0.03 0.12
liquid/lfm-3b;;;;0.02 0.02
liquid/lfm-40b;;;;0.15 0.15
liquid/lfm-7b;;;;0.01 0.01
llama-3-lumimaid-70b;;;;4 6
llama-3-lumimaid-8b;;;;0.2 1.25
llama-3.1-405b;;;;2 2
llama-3.1-405b-instruct;;;;0.8 0.8
llama-3.1-lumimaid-70b;;;;2.5 3
llama-3.1-lumimaid-8b;;;;0.2 1.25
llama-3.1-nemotron-70b-instruct;;;;0.12 0.3
llama-3.1-nemotron-ultra-253b-v1;;;;0.6 1.8
llama-3.1-sonar-large-128k-online;;;;1 1
llama-3.1-sonar-small-128k-online;;;;0.2 0.2
llama-3.2-90b-vision-instruct;;;;1.2 1.2
llama-3.3-nemotron-super-49b-v1;;;;0.13 0.4
llama-guard-2-8b;;;;0.2 0.2
llama3.1-typhoon2-70b-instruct;;;;0.88 0.88
llemma_7b;;;;0.8 1.2
maestro-reasoning;;;;0.9 3.3
magistral-medium-2506 magistral-medium-2506:thinking;;;;2 5
magistral-small-2506;;;;0.5 1.5
magnum-72b;;;;4 6
magnum-v2-72b;;;;3 3
mancer/weaver;8000;;;1.125 1.125
mercury-coder-small-beta;;;;0.25 1
meta-llama/llama-2-13b-chat;;;;0.22 0.22
meta-llama/llama-2-70b-chat;;;;0.9 0.9
meta-llama/llama-3-70b-instruct;;;;0.3 0.4
meta-llama/llama-3-8b-instruct;;;;0.03 0.06
meta-llama/llama-3.1-405b;;;;2 2
meta-llama/llama-3.1-405b-instruct;;;;0.8 0.8
meta-llama/llama-3.1-70b-instruct;131072;;;0.1 0.28
meta-llama/llama-3.1-8b-instruct;;;;0.02 0.03
meta-llama/llama-3.2-11b-vision-instruct;131072;8192;tIar;0.049 0.049
meta-llama/llama-3.2-1b-instruct;60000;;;0.005 0.01
meta-llama/llama-3.2-3b-instruct;;;;0.01 0.02
meta-llama/llama-3.2-90b-vision-instruct;;;;0.9 0.9
meta-llama/llama-3.3-70b-instruct;;;;0.05 0.24
meta-llama/llama-3.3-70b-instruct:free;65536;65536;Tiar
meta-llama/llama-4-maverick;;;;0.15 0.6
meta-llama/llama-4-scout;;;;0.08 0.3
meta-llama/llama-4-scout:free;64000;64000;TIar
meta-llama/llama-guard-2-8b;;;;0.2 0.2
meta-llama/llama-guard-3-8b;;;;0.02 0.06
meta-llama/llama-guard-4-12b;163840;;;0.05 0.05
microsoft/phi-3-medium-128k-instruct;;;;1 1
microsoft/phi-3-mini-128k-instruct;;;;0.1 0.1
microsoft/phi-3.5-mini-128k-instruct;;;;0.1 0.1
microsoft/phi-4;16384;;;0.07 0.14
microsoft/phi-4-mini-instruct;;;;0.08 0.35
microsoft/phi-4-multimodal-instruct;;;;0.05 0.1
microsoft/wizardlm-2-7b;;;;0.07 0.07
microsoft/wizardlm-2-8x22b;65535;;;0.5 0.5
midnight-rose-70b;;;;0.8 0.8
minimax-m1:extended;;;;0.55 2.2
minimax/minimax-01;1000192;;;0.2 1.1
minimax/minimax-m1;1000000;;;0.3 1.65
minimax/minimax-m2;;;;0.255 1 0.03
minimax/minimax-m2-her minimax/minimax-m2-her-20260123;65536;;;0.3 1.2 0.03
minimax/minimax-m2.1;204800;;;0.29 0.95 0.03
minimax/minimax-m2.5 minimax/minimax-m2.5-20260211;;;;0.15 0.9 0.05
minimax/minimax-m2.7 minimax/minimax-m2.7-20260318;;;;0.27 1.08 0.054
minimax/minimax-m3 minimax/minimax-m3-20260531;;;;0.3 1.2 0.06
ministral-3b;;;;0.04 0.04
ministral-8b;;;;0.1 0.1
mistral-7b-instruct mistral-7b-instruct-v0.3;;;;0.028 0.054
mistral-7b-instruct-v0.1;;;;0.11 0.19
mistral-7b-instruct-v0.2;;;;0.2 0.2
mistral-medium;;;;2.75 8.1
mistral-small;;;;0.2 0.6
mistral-tiny;;;;0.25 0.25
mistral/ministral-8b;;;;0.1 0.1
mistralai/codestral-2501;;;;0.3 0.9
mistralai/codestral-2508;256000;256000;Tiar;0.3 0.9 0.03
mistralai/codestral-mamba;;;;0.25 0.25
mistralai/devstral-2512;262144;;;0.4 2 0.04
mistralai/ministral-14b-2512;262144;;;0.2 0.2 0.02
mistralai/ministral-3b;;;;0.04 0.04
mistralai/ministral-3b-2512;131072;;;0.1 0.1 0.01
mistralai/ministral-8b;;;;0.1 0.1
mistralai/ministral-8b-2512;262144;;;0.15 0.15 0.015
mistralai/mistral-7b-instruct mistralai/mistral-7b-instruct-v0.3;;;;0.029 0.059
mistralai/mistral-7b-instruct-v0.1;;;;0.2 0.2
mistralai/mistral-7b-instruct-v0.2;;;;0.2 0.2
mistralai/mistral-7b-instruct:free;32768;32768;Tiar
mistralai/mistral-large mistralai/mistral-large-2407 mistral-large-2411;128000;;;2 6
mistralai/mistral-large-2512;262144;;;0.5 1.5 0.05
mistralai/mistral-medium;;;;2.75 8.1
mistralai/mistral-medium-3;131072;131072;TIar;0.4 2
mistralai/mistral-medium-3-5;262144;;;1.5 7.5
mistralai/mistral-medium-3.1;262144;262144;TIar;0.4 2 0.04
mistralai/mistral-nemo;;;;0.01 0.019
mistralai/mistral-nemo:free;131072;131072;Tiar
mistralai/mistral-saba;32768;;;0.2 0.6
mistralai/mistral-small;;;;0.2 0.6
mistralai/mistral-small-24b-instruct-2501;32768;;;0.05 0.09
mistralai/mistral-small-2603;;;;0.15 0.6 0.015
mistralai/mistral-small-3.1-24b-instruct;128000;8192;TIar;0.05 0.15
mistralai/mistral-small-3.2-24b-instruct;96000;8192;TIar;0.075 0.2
mistralai/mistral-tiny;;;;0.25 0.25
mistralai/mixtral-8x22b-instruct;65536;;;0.9 0.9
mistralai/mixtral-8x7b-instruct;;;;0.24 0.24
mistralai/pixtral-12b;;;;0.1 0.1
mistralai/pixtral-large-2411;;;;2 6
mistralai/voxtral-small-24b-2507;32000;;;0.1 0.3 0.01
mixtral-8x7b-instruct;;;;0.08 0.24
mn-celeste-12b;;;;0.8 1.2
mn-inferor-12b;;;;0.8 1.2
mn-starcannon-12b;;;;0.8 1.2
moonshotai/kimi-k2;131072;32768;Tiar;0.57 2.3
moonshotai/kimi-k2-0905;262144;16384;Tiar;0.6 2.5
moonshotai/kimi-k2-thinking;262144;;;0.6 2.5
moonshotai/kimi-k2.5;;;;0.4 1.9 0.09
moonshotai/kimi-k2.6;;;;0.68 3.41 0.34
moonshotai/kimi-k2.7-code moonshotai/kimi-k2.7-code-20260612;262144;;;0.75 3.5 0.16
moonshotai/kimi-k3 moonshotai/kimi-k3-20260715;1048576;;;3 15 0.3
morph/morph-v3-fast;81920;;;0.8 1.2
morph/morph-v3-large;262144;;;0.9 1.9
mythalion-13b;;;;0.8 1.2
neversleep/llama-3-lumimaid-70b;;;;3.375 4.5
neversleep/llama-3-lumimaid-8b neversleep/llama-3-lumimaid-8b:extended;;;;0.09375 0.75
neversleep/llama-3.1-lumimaid-70b;;;;1.5 2.25
neversleep/llama-3.1-lumimaid-8b;;;;0.09375 0.75
neversleep/noromaid-20b;;;;0.75 1.5
noromaid-20b;;;;1.25 2
nothingiisreal/mn-celeste-12b;;;;0.8 1.2
nous-hermes-2-mixtral-8x7b-dpo;;;;0.6 0.6
nousresearch/hermes-2-pro-llama-3-8b;;;;0.025 0.04
nousresearch/hermes-3-llama-3.1-405b;131072;;;0.7 0.8
nousresearch/hermes-3-llama-3.1-70b;131072;;;0.12 0.3
nousresearch/hermes-4-405b;131072;131072;TiaR;1 3
nousresearch/hermes-4-70b;131072;131072;TiaR;0.13 0.4
nousresearch/nous-hermes-2-mixtral-8x7b-dpo;;;;0.6 0.6
nousresearch/nous-hermes-llama2-13b;;;;0.18 0.18
nvidia/llama-3.1-nemotron-70b-instruct;;;;0.12 0.3
nvidia/llama-3.3-nemotron-super-49b-v1.5;;;;0.4 0.4
nvidia/nemotron-3-nano-30b-a3b;262144;;;0.05 0.2
nvidia/nemotron-3-nano-omni-30b-a3b-reasoning:free;256000
nvidia/nemotron-3-super-120b-a12b;;;;0.09 0.45
nvidia/nemotron-3-super-120b-a12b:free;262144
nvidia/nemotron-3-ultra-550b-a55b;;;;0.5 2.5 0.15
nvidia/nemotron-3-ultra-550b-a55b:free;1000000
nvidia/nemotron-3.5-content-safety:free;128000
nvidia/nemotron-nano-9b-v2;;;;0.04 0.16
o1-mini o1-mini-2024-09-12;;;;1.1 4.4 0.55
openai/chatgpt-4o-latest;;;;5 15
openai/codex-mini;;;;1.5 6 0.375
openai/gpt-3.5-turbo gpt-3.5-turbo-0125;16385;;;0.5 1.5
openai/gpt-3.5-turbo-0613;4095;;;1 2
openai/gpt-3.5-turbo-1106;;;;1 2
openai/gpt-3.5-turbo-16k;16385;;;3 4
openai/gpt-3.5-turbo-instruct;4095;;;1.5 2
openai/gpt-4 gpt-4-0314;8191;;;30 60
openai/gpt-4-1106-preview;;;;10 30
openai/gpt-4-32k openai/gpt-4-32k-0314;;;;60 120
openai/gpt-4-turbo openai/gpt-4-turbo-preview;128000;;;10 30
openai/gpt-4.1;1047576;32768;TIar;2 8 0.5
openai/gpt-4.1-mini openai/gpt-4.1-mini-2025-04-14;1047576;32768;TIar;0.4 1.6 0.1
openai/gpt-4.1-nano;1047576;;;0.1 0.4 0.025
openai/gpt-4.5-preview;;;;75 150
openai/gpt-4o openai/gpt-4o-2024-08-06 openai/gpt-4o-2024-11-20 openai/gpt-4o-audio-preview;128000;;;2.5 10
openai/gpt-4o-2024-05-13;128000;;;5 15
openai/gpt-4o-mini openai/gpt-4o-mini-2024-07-18;128000;16384;TIar;0.15 0.6 0.075
openai/gpt-4o-mini-search-preview;;;;0.15 0.6
openai/gpt-4o-search-preview;;;;2.5 10
openai/gpt-4o:extended;;;;6 18
openai/gpt-5 openai/gpt-5-2025-08-07 openai/gpt-5-chat openai/gpt-5-codex openai/gpt-5.1-codex-max;400000;128000;TIaR;1.25 10 0.125
openai/gpt-5-image;400000;;;10 10 1.25
openai/gpt-5-image-mini;400000;;;2.5 2 0.25
openai/gpt-5-mini openai/gpt-5-mini-2025-08-07;400000;128000;TIaR;0.25 2 0.025
openai/gpt-5-nano;400000;128000;TIaR;0.05 0.4 0.01
openai/gpt-5-pro;400000;;;15 120
openai/gpt-5.1 openai/gpt-5.1-chat openai/gpt-5.1-codex;400000;;;1.25 10 0.13
openai/gpt-5.1-codex-mini openai/gpt-5.1-codex-mini-20251113;400000;;;0.25 2 0.025
openai/gpt-5.2 openai/gpt-5.2-20251211 openai/gpt-5.2-chat openai/gpt-5.2-codex;400000;;;1.75 14 0.175
openai/gpt-5.2-pro openai/gpt-5.2-pro-20251211;400000;;;21 168
openai/gpt-5.3-chat;;;;1.75 14 0.175
openai/gpt-5.3-codex openai/gpt-5.3-codex-20260224;400000;;;1.75 14 0.175
openai/gpt-5.4 openai/gpt-5.4-20260305;1050000;;;2.5>272000:5 15>272000:22.5 0.25>272000:0.5
openai/gpt-5.4-image-2;272000;;;8 15 2
openai/gpt-5.4-mini;400000;;;0.75 4.5 0.075
openai/gpt-5.4-nano;400000;;;0.2 1.25 0.02
openai/gpt-5.4-pro;1050000;;;30>272000:60 180>272000:270
openai/gpt-5.5;1050000;;;5>272000:10 30>272000:45 0.5>272000:1
openai/gpt-5.5-pro;1050000;;;30>272000:60 180>272000:270
openai/gpt-5.6-luna;1050000;;;0.2>272000:0.4 1.2>272000:1.8 0.02>272000:0.04 0.25>272000:0.5
openai/gpt-5.6-sol;1050000;;;2>272000:4 10>272000:15 0.2>272000:0.4 2.5>272000:5
openai/gpt-5.6-terra;1050000;;;2>272000:4 12>272000:18 0.2>272000:0.4 2.5>272000:5
openai/gpt-6-luna openai/gpt-6-luna-pro;1050000;;;0.1>272000:0.2 0.5>272000:0.75 0.01>272000:0.02 0.125>272000:0.25
openai/gpt-6-luna:batch openai/gpt-6-luna-pro:batch;1050000;;;0.05>272000:0.1 0.25>272000:0.375 0.005>272000:0.01 0.0625>272000:0.125
openai/gpt-6-sol openai/gpt-6-sol-pro;1050000;;;2>272000:4 10>272000:15 0.2>272000:0.4 2.5>272000:5
openai/gpt-6-sol:batch openai/gpt-6-sol-pro:batch;1050000;;;1>272000:2 5>272000:7.5 0.1>272000:0.2 1.25>272000:2.5
openai/gpt-audio;128000;;;2.5 10
openai/gpt-audio-mini;128000;;;0.6 2.4
openai/gpt-chat-latest;400000;;;5 30 0.5
openai/gpt-oss-120b;131072;32768;TiaR;0.039 0.18
openai/gpt-oss-20b;131072;32768;TiaR;0.029 0.14
openai/gpt-oss-safeguard-20b;131072;;;0.075 0.3 0.037
openai/o1 o1-preview o1-preview-2024-09-12;;;;15 60 7.5
openai/o1-mini openai/o1-mini-2024-09-12;;;;1.1 4.4
openai/o1-pro;200000;;;150 600
openai/o3;200000;;;2 8 0.5
openai/o3-deep-research;;;;10 40 2.5
openai/o3-mini openai/o3-mini-high;200000;;;1.1 4.4 0.55
openai/o3-pro;200000;;;20 80
openai/o4-mini openai/o4-mini-high;200000;100000;TIaR;1.1 4.4 0.275
openai/o4-mini-deep-research;;;;2 8 0.5
openchat/openchat-7b;;;;0.07 0.07
openhands-lm-32b-v0.1;;;;2.6 3.4
perceptron/perceptron-mk1;32768;;;0.15 1.5
perplexity/llama-3.1-sonar-large-128k-online;;;;1 1
perplexity/llama-3.1-sonar-small-128k-online;;;;0.2 0.2
perplexity/r1-1776;;;;2 8
perplexity/sonar;127072;;;1 1
perplexity/sonar-deep-research;128000;;;2 8 - - 3
perplexity/sonar-pro;200000;;;3 15
perplexity/sonar-reasoning;;;;1 5
perplexity/sonar-reasoning-pro;128000;;;2 8
phi-3-medium-128k-instruct;;;;1 1
phi-3-mini-128k-instruct;;;;0.1 0.1
phi-3.5-mini-128k-instruct;;;;0.1 0.1
phi-4-multimodal-instruct;;;;0.05 0.1
phi-4-reasoning-plus;;;;0.07 0.35
pixtral-12b;;;;0.1 0.1
pixtral-large-2411;;;;2 6
prime-intellect/intellect-3;;;;0.2 1.1
pygmalionai/mythalion-13b;;;;0.5625 1.125
qwen-2-72b-instruct;;;;0.9 0.9
qwen-2.5-vl-7b-instruct;;;;0.2 0.2
qwen-max;;;;1.6 6.4 0.64
qwen-turbo;;;;0.05 0.2 0.02
qwen-vl-max;;;;0.8 3.2
qwen-vl-plus;;;;0.21 0.63
qwen/qwen-2-72b-instruct;;;;0.9 0.9
qwen/qwen-2.5-72b-instruct;;;;0.12 0.39
qwen/qwen-2.5-7b-instruct;32768;;;0.04 0.1
qwen/qwen-2.5-coder-32b-instruct;32768;8192;tiar;0.06 0.15
qwen/qwen-2.5-vl-72b-instruct;;;;0.6 0.6
qwen/qwen-2.5-vl-7b-instruct;;;;0.2 0.2
qwen/qwen-max;;;;1.6 6.4
qwen/qwen-plus;1000000;;;0.4 1.2 0.16
qwen/qwen-plus-2025-07-28;1000000;;;0.26 0.78
qwen/qwen-plus-2025-07-28:thinking;;;;0.26 0.78 - 0.325
qwen/qwen-turbo;;;;0.05 0.2
qwen/qwen-vl-max;;;;0.8 3.2
qwen/qwen-vl-plus;;;;0.21 0.63
qwen/qwen2.5-coder-7b-instruct;;;;0.2 0.2
qwen/qwen2.5-vl-32b-instruct;;;;0.9 0.9
qwen/qwen2.5-vl-32b-instruct:free;8192;8192;TIar
qwen/qwen2.5-vl-72b-instruct;32768;8192;tIar;0.7 0.7
qwen/qwen2.5-vl-72b-instruct:free;32768;32768;TIar
qwen/qwen3-14b;;;;0.06 0.24
qwen/qwen3-235b-a22b;131072;;;0.13 0.6
qwen/qwen3-235b-a22b-2507;;;;0.09 0.1
qwen/qwen3-235b-a22b-thinking-2507;262144;81920;TiaR;0.1 0.1
qwen/qwen3-30b-a3b;;;;0.08 0.29
qwen/qwen3-30b-a3b-instruct-2507;131072;33000;tiar;0.04815 0.19305
qwen/qwen3-30b-a3b-thinking-2507;81920;;;0.08 0.4
qwen/qwen3-32b;;;;0.1 0.3
qwen/qwen3-8b;131072;;;0.035 0.138
qwen/qwen3-coder qwen/qwen3-coder-480b-a35b-07-25;262144;66536;Tiar;0.22 1.8
qwen/qwen3-coder-30b-a3b-instruct;;;;0.07 0.27
qwen/qwen3-coder-flash;1000000;;;0.195 0.975 0.039 0.24375
qwen/qwen3-coder-next qwen/qwen3-coder-next-2025-02-03;;;;0.11 0.8 0.07
qwen/qwen3-coder-plus;1000000;;;0.65 3.25 0.13 0.8125
qwen/qwen3-coder:free;262144;66536;Tiar
qwen/qwen3-max;262144;32768;TiaR;1.2 6
qwen/qwen3-max-thinking qwen/qwen3-max-thinking-20260123;262144;;;0.78 3.9
qwen/qwen3-next-80b-a3b-instruct qwen/qwen3-next-80b-a3b-instruct-2509;262144;262144;Tiar;0.09 1.1
qwen/qwen3-next-80b-a3b-thinking qwen/qwen3-next-80b-a3b-thinking-2509;;;;0.0975 0.78
qwen/qwen3-vl-235b-a22b-instruct;;;;0.2 0.88 0.11
qwen/qwen3-vl-235b-a22b-thinking;131072;;;0.26 2.6
qwen/qwen3-vl-30b-a3b-instruct;;;;0.13 0.52
qwen/qwen3-vl-30b-a3b-thinking;;;;0.13 1.56
qwen/qwen3-vl-32b-instruct;131072;;;0.104 0.416
qwen/qwen3-vl-8b-instruct;;;;0.08 0.5
qwen/qwen3-vl-8b-thinking;131072;;;0.117 1.365
qwen/qwen3.5-122b-a10b qwen/qwen3.5-122b-a10b-20260224;262144;;;0.26 2.08
qwen/qwen3.5-27b qwen/qwen3.5-27b-20260224;262144;;;0.195 1.56
qwen/qwen3.5-35b-a3b qwen/qwen3.5-35b-a3b-20260224;;;;0.14 1 0.05
qwen/qwen3.5-397b-a17b qwen/qwen3.5-397b-a17b-20260216;;;;0.39 2.34
qwen/qwen3.5-9b qwen/qwen3.5-9b-20260310;;;;0.1 0.15
qwen/qwen3.5-flash-02-23 qwen/qwen3.5-flash-20260224;1000000;;;0.065 0.26
qwen/qwen3.5-plus-02-15 qwen/qwen3.5-plus-20260216;1000000;;;0.4 2.4
qwen/qwen3.5-plus-20260420;1000000;;;0.3 1.8 - 0.375
qwen/qwen3.6-27b qwen/qwen3.6-27b-20260422;;;;0.289 2.4
qwen/qwen3.6-35b-a3b qwen/qwen3.6-35b-a3b-20260415;;;;0.14 1
qwen/qwen3.6-flash;1000000;;;0.1875 1.125 - 0.234375
qwen/qwen3.6-max-preview qwen/qwen3.6-max-preview-20260420;262144;;;1.04 6.24 - 1.3
qwen/qwen3.6-plus qwen/qwen3.6-plus-04-02;1000000;;;0.325 1.95 - 0.40625
qwen/qwen3.7-max qwen/qwen3.7-max-20260520;1000000;;;1.25 3.75 0.25 1.5625
qwen/qwen3.7-plus qwen/qwen3.7-plus-20260602;1000000;;;0.4 1.6 0.08 0.5
qwen/qwq-32b;;;;0.15 0.2
qwen/qwq-32b-preview;;;;0.2 0.2
qwen/qwq-32b:free;32768;32768;TiaR
qwen2.5-vl-32b-instruct;;;;0.9 0.9
qwq-32b;;;;0.15 0.2
qwq-32b-preview;;;;0.2 0.2
r1-1776;;;;2 8
raifle/sorcererlm-8x22b;;;;4.5 4.5
rekaai/reka-edge;16384;;;0.1 0.1
rekaai/reka-flash-3;65536;8192;TiaR;0.1 0.2
relace/relace-apply-3;256000;;;0.85 1.25
relace/relace-search;256000;;;1 3
sao10k/fimbulvetr-11b-v2;;;;0.8 1.2
sao10k/l3-euryale-70b;;;;1.48 1.48
sao10k/l3-lunaris-8b;8192;;;0.02 0.05
sao10k/l3.1-70b-hanami-x1;;;;3 3
sao10k/l3.1-euryale-70b;;;;0.7 0.8
sao10k/l3.3-euryale-70b;131072;;;0.7 0.8
scb10x/llama3.1-typhoon2-70b-instruct;;;;0.88 0.88
scb10x/llama3.1-typhoon2-8b-instruct;;;;0.18 0.18
sonar-reasoning;;;;1 5
sophosympatheia/midnight-rose-70b;;;;0.8 0.8
sorcererlm-8x22b;;;;4.5 4.5
spotlight;;;;0.18 0.18
steelskull/l3.3-electra-r1-70b;;;;0.7 0.95
stepfun/step-3.5-flash;262144;;;0.09 0.3 0.02
stepfun/step-3.7-flash;;;;0.2 1.15 0.04
switchpoint/router;;;;0.85 3.4
tencent/hunyuan-a13b-instruct;131072;;;0.14 0.57
tencent/hy3-preview;262144;;;0.063 0.21 0.021
thedrummer/anubis-pro-105b-v1;;;;0.8 1
thedrummer/cydonia-24b-v4.1;131072;;;0.3 0.5 0.15
thedrummer/rocinante-12b;;;;0.25 0.5
thedrummer/skyfall-36b-v2;32768;;;0.5 0.8
thedrummer/unslopnemo-12b;;;;0.5 0.5
thudm/glm-z1-32b:free;32768;32768;TiaR
toppy-m-7b;;;;0.8 1.2
undi95/remm-slerp-l2-13b;6144;;;0.8 1.2
undi95/toppy-m-7b;;;;0.07 0.07
upstage/solar-pro-3;131072;;;0.15 0.6 0.015
valkyrie-49b-v1;;;;0.5 0.8
virtuoso-medium-v2;;;;0.5 0.8
writer/palmyra-x5;1040000;;;0.6 6
x-ai/grok-2-1212;;;;2 10
x-ai/grok-2-vision-1212;;;;2 10
x-ai/grok-3-beta;131072;8192;Tiar;3 15
x-ai/grok-3-mini-beta;131072;8192;TiaR;0.3 0.5
x-ai/grok-4-fast;2000000;;;0.2>128000:0.4 0.5>128000:1 0.05
x-ai/grok-4.1-fast:free;2000000
x-ai/grok-4.20;2000000;;;1.25 2.5 0.2
x-ai/grok-4.20-multi-agent;2000000;;;2 6 0.2
x-ai/grok-4.3;1000000;;;1.25 2.5 0.2
x-ai/grok-beta;;;;5 15
x-ai/grok-build-0.1;256000;;;1 2 0.2
x-ai/grok-code-fast-1;256000;10000;TiaR;0.2 1.5 0.02
x-ai/grok-vision-beta;;;;5 15
xiaomi/mimo-v2-flash;;;;0.1 0.3 0.01
xiaomi/mimo-v2.5;;;;0.14 0.28 0.0028
xiaomi/mimo-v2.5-pro;;;;0.435 0.87 0.0036
xwin-lm/xwin-lm-70b;;;;3.75 3.75
yi-large;;;;3 3
z-ai/glm-4.5;131072;96000;TiaR;0.6 2.2 0.11
z-ai/glm-4.5-air;131072;96000;TiaR;0.125 0.85 0.06
z-ai/glm-4.5v;65536;16384;TIaR;0.6 1.8 0.11
z-ai/glm-4.6;;;;0.43 1.74 0.08
z-ai/glm-4.6v;131072;;;0.3 0.9 0.05
z-ai/glm-4.7;;;;0.4 1.75 0.08
z-ai/glm-4.7-flash z-ai/glm-4.7-flash-20260119;;;;0.06 0.4 0.01
z-ai/glm-5 z-ai/glm-5-20260211;;;;0.6 1.92 0.12
z-ai/glm-5-turbo z-ai/glm-5-turbo-20260315;202752;;;1.2 4 0.24
z-ai/glm-5.1 z-ai/glm-5.1-20260406;;;;0.98 3.08 0.182
z-ai/glm-5.2 z-ai/glm-5.2-20260616;1048576;;;1.4 4.4 0.26
z-ai/glm-5.3 z-ai/glm-5.3-20260816;1048576;;;1.4 4.4 0.26
z-ai/glm-5.3-flash;1310720;;;0.075 0.25 0.015
~anthropic/claude-fable-latest;1000000;;;10 50 1 12.5
~anthropic/claude-haiku-latest;200000;;;1 5 0.1 1.25
~anthropic/claude-opus-latest;1000000;;;4 20 0.2 5
~anthropic/claude-sonnet-latest;1000000;;;3 15 0.3 3.75
~google/gemini-flash-latest;1048576;;;1.5 9 0.15 0.08333333333333334
~google/gemini-pro-latest;1048576;;;2 12 0.2 0.375
~moonshotai/kimi-latest;1048576;;;0.68 3.41 0.34
~openai/gpt-latest;1050000;;;5 30 0.5
~openai/gpt-mini-latest;400000;;;0.75 4.5 0.075
`,
  "fireworks": `
accounts/fireworks/models/qwen3-coder-480b-a35b-instruct;256000;32768;Tiar
accounts/fireworks/models/glm-4p5-air;131072;131072;TiaR
accounts/fireworks/models/kimi-k2-instruct;128000;16384;Tiar
accounts/fireworks/models/glm-4p5;131072;131072;TiaR
accounts/fireworks/models/deepseek-v3p1;163840;163840;TiaR
accounts/fireworks/models/deepseek-r1-0528;160000;16384;TiaR;3 8
accounts/fireworks/models/deepseek-v3-0324;160000;16384;Tiar;0.9 0.9
accounts/fireworks/models/deepseek-v3p2;163840;;;0.56 1.68 0.28
accounts/fireworks/models/deepseek-v4-flash accounts/fireworks/models/deepseek-v4-flash-0731;1040000;;;0.14 0.28 0.028
accounts/fireworks/models/deepseek-v4-pro;1048576;;;1.74 3.48 0.145
accounts/fireworks/models/gemma-3-27b-it;131000;;;0.1 0.1
accounts/fireworks/models/glm-4p7;202752;;;0.6 2.2
accounts/fireworks/models/glm-5p1;;;;1.4 4.4 0.26
accounts/fireworks/routers/glm-5p1-fast;;;;2.8 8.8 0.52
accounts/fireworks/models/glm-5p2;1040000;;;1.4 4.4 0.14
accounts/fireworks/routers/glm-5p2-fast accounts/fireworks/routers/glm-5p2-fast-us;1040000;;;2.1 6.6 0.21
accounts/fireworks/models/gpt-oss-120b;131072;32768;TiaR;0.15 0.6 0.014
accounts/fireworks/models/gpt-oss-20b;131072;32768;TiaR;0.07 0.3 0.035
accounts/fireworks/models/inkling;1040000;;;1 4.05 0.17
accounts/fireworks/models/kimi-k2p5;262144;;;0.6 3 0.1
accounts/fireworks/models/kimi-k2p6;;;;0.95 4 0.16
accounts/fireworks/routers/kimi-k2p6-fast;262144;;;2 8 0.3
accounts/fireworks/models/kimi-k2p7-code;262144;;;0.95 4 0.19
accounts/fireworks/routers/kimi-k2p7-code-fast;262144;;;1.9 8 0.38
accounts/fireworks/models/kimi-k3;1040000;;;3 15 0.3
accounts/fireworks/routers/kimi-k3-fast;1040000;;;4.5 22.5 0.45
accounts/fireworks/routers/kimi-k3-us;1040000;;;3.3 16.5 0.33
accounts/fireworks/models/llama-v3p1-8b-instruct;131000;;;0.2 0.2
accounts/fireworks/models/llama4-maverick-instruct-basic;1000000;;;0.22 0.88
accounts/fireworks/models/minimax-m2p1;204800;;;0.3 1.2
accounts/fireworks/models/minimax-m2p7;;;;0.3 1.2 0.06
accounts/fireworks/models/minimax-m3;524288;;;0.3 1.2 0.06
accounts/fireworks/models/nemotron-3-ultra-nvfp4;262000;;;0.6 2.4 0.12
accounts/fireworks/models/qwen2p5-vl-72b-instruct;128000;;;0.9 0.9
accounts/fireworks/models/qwen3-235b-a22b;128000;16384;TiaR;0.22 0.88
accounts/fireworks/models/qwen3p6-plus;;;;0.5 3 0.1
accounts/fireworks/models/qwen3p7-plus;262144;;;0.4 1.6 0.08
`,
  "cerebras": `
qwen-3-235b-a22b-instruct-2507;131000;32000;Tiar
gemma-4-31b cerebras/gemma-4-31b* cerebras:gemma-4-31b*;131072;;;0.99 1.49
gpt-oss-120b cerebras/gpt-oss-120b* cerebras:gpt-oss-120b*;131072;32768;TiaR;0.35 0.75
llama-3.3-70b cerebras/llama-3.3-70b* cerebras:llama-3.3-70b*;128000;;;0.85 1.2
llama3.1-8b cerebras/llama3.1-8b* cerebras:llama3.1-8b*;32768;;;0.1 0.1
qwen-3-32b cerebras/qwen-3-32b* cerebras:qwen-3-32b*;131072;;;0.4 0.8
qwen-3-coder-480b;131000;32000;Tiar
zai-glm-4.7 cerebras/zai-glm-4.7* cerebras:zai-glm-4.7*;131072;;;2.25 2.75
`,
  "cohere": `
*aya-expanse-32b*;128000;;;0.5 1.5
*aya-expanse-8b*;8192;;;0.5 1.5
command;;;;1 2
command-a command-a-03-2025;;;;2.5 10
command-light*;4096;;;0.3 0.6
command-r command-r-08-2024;;;;0.15 0.6
command-r-plus command-r-plus-08-2024;;;;2.5 10
command-r7b command-r7b-12-2024;;;;0.0375 0.15
embed-v4.0;128000
`,
  "perplexity": `
llama-3.1-sonar-large-128k-online;;;;1 1
llama-3.1-sonar-small-128k-online;;;;0.2 0.2
r1-1776;;;;2 8
sonar;128000;4096;tiar
sonar-deep-research;128000;;;2 8 - - 3
sonar-pro;200000;8192;tIar
sonar-pro-search;;;;3 15
sonar-reasoning;128000;4096;tiaR
sonar-reasoning-pro;128000;4096;tIaR
`,
  "moonshot": `
kimi-k2-turbo-preview;262144;262144;Tiar
kimi-k2;;;;0.57 2.3
kimi-k2-0711-preview;131072;16384;Tiar;0.6 2.5 0.15
kimi-k2-0905-preview;262144;262144;Tiar;0.6 2.5 0.15
kimi-k2-thinking;262144;;;0.6 2.5 0.15
kimi-k2-thinking-turbo;262144;;;1.15 8 0.15
kimi-k2-turbo*;262144;262144;Tiar;1.15 8 0.15
kimi-k2.5*;262144;;;0.6 3 0.1
kimi-k2.6*;262144;;;0.95 4 0.16
kimi-k2.7-code;262144;;;0.95 4 0.19
kimi-k2.7-code-highspeed;262144;;;1.9 8 0.38
kimi-k3;1048576;;;3 15 0.3
moonshot-v1-128k moonshot-v1-128k-vision-preview;131072;;;2 5
moonshot-v1-32k moonshot-v1-32k-vision-preview;32768;;;1 3
moonshot-v1-8k moonshot-v1-8k-vision-preview;8192;;;0.2 2
`,
  "novita": `
sao10k/l3-8b-stheno-v3.2;8192;;;0.05 0.05
cognitivecomputations/dolphin-mixtral-8x22b;;;;0.9 0.9
deepseek/deepseek-r1;64000;;;4 4
deepseek/deepseek-r1-distill-llama-70b;8192;;;0.8 0.8
deepseek/deepseek-r1-distill-llama-8b;;;;0.04 0.04
deepseek/deepseek-r1-distill-qwen-14b;32768;;;0.15 0.15
deepseek/deepseek-r1-distill-qwen-32b;64000;;;0.3 0.3
deepseek/deepseek_v3;64000;;;0.89 0.89
google/gemma-2-9b-it;;;;0.08 0.08
gryphe/mythomax-l2-13b;4096;;;0.09 0.09
jondurbin/airoboros-l2-70b;;;;0.5 0.5
meta-llama/llama-3-70b-instruct;8192;;;0.51 0.74
meta-llama/llama-3-8b-instruct;8192;;;0.04 0.04
meta-llama/llama-3.1-70b-instruct;;;;0.34 0.39
meta-llama/llama-3.1-8b-instruct meta-llama/llama-3.1-8b-instruct-max;16384;;;0.05 0.05
meta-llama/llama-3.1-8b-instruct-bf16;;;;0.06 0.06
meta-llama/llama-3.2-11b-vision-instruct;;;;0.06 0.06
meta-llama/llama-3.2-1b-instruct;131000;;;0.02 0.02
meta-llama/llama-3.2-3b-instruct;32768;;;0.03 0.05
meta-llama/llama-3.3-70b-instruct;12288;;;0.39 0.39
microsoft/wizardlm-2-8x22b;65535;;;0.62 0.62
mistralai/mistral-7b-instruct;;;;0.059 0.059
mistralai/mistral-nemo;60288;;;0.17 0.17
nousresearch/hermes-2-pro-llama-3-8b;8192;;;0.14 0.14
nousresearch/nous-hermes-llama2-13b;4096;;;0.17 0.17
openchat/openchat-7b;4096;;;0.06 0.06
qwen/qwen-2-7b-instruct;32768;;;0.054 0.054
qwen/qwen-2-vl-72b-instruct;32768;;;0.45 0.45
qwen/qwen-2.5-72b-instruct;32000;;;0.38 0.4
sao10k/l3-70b-euryale-v2.1;8192;;;1.48 1.48
sao10k/l3-8b-lunaris;8192;;;0.05 0.05
sao10k/l31-70b-euryale-v2.2;8192;;;1.48 1.48
sophosympatheia/midnight-rose-70b;;;;0.8 0.8
teknium/openhermes-2.5-mistral-7b;4096;;;0.17 0.17
`,
  "minimax": `
m2-her m2-her;64000;;;0.3 1.2
minimax-m2 minimax-m2 minimax-m2.1 minimax-m2.1 minimax-m2.5 minimax-m2.5;204800;;;0.3 1.2 0.03 0.375
*m2.1-highspeed* *m2.1-highspeed*;204800;;;0.6 2.4 0.03 0.375
*m2.5-highspeed* *m2.5-highspeed*;204800;;;0.6 2.4 0.03 0.375
minimax-m2.7 minimax-m2.7;204800;;;0.3 1.2 0.06 0.375
*m2.7-highspeed* *m2.7-highspeed*;204800;;;0.6 2.4 0.06 0.375
minimax-01;1000192;;;0.2 1.1
minimax-m1;;;;0.4 2.2
minimax-m3;1000000;;;0.3>512000:0.6 1.2>512000:2.4 0.06>512000:0.12
`,
  "zhipu": `
glm-4.5;131072;98304;TiaR
glm-4.5-flash;131072;98304;TiaR
glm-4.5v;64000;16384;TIaR
glm-4-air glm-4-air;128000;;;0.069 0.069 0.034
glm-4-airx glm-4-airx;8000;;;1.379 1.379
glm-4-assistant glm-4-assistant;128000;;;0.69 0.69
glm-4-flashx-250414 glm-4-flashx-250414;128000;;;0.014 0.014 0.007
glm-4-long glm-4-long;1000000;;;0.138 0.138 0.069
glm-4-plus glm-4-plus;128000;;;0.69 0.69 0.345
glm-4.5-air glm-4.5-air;131072;98304;TiaR;0.11 0.276 0.022
glm-4.7 glm-4.7;200000;;;0.276 1.103 0.055
glm-4.7-flashx glm-4.7-flashx;200000;;;0.069 0.414 0.014
glm-5 glm-5;200000;;;0.552 2.483 0.138
glm-5-turbo glm-5-turbo;200000;;;0.69 3.034 0.166
glm-5.1 glm-5.1 glm-5.1-20260406 glm-5.1-20260406;200000;;;0.828 3.31 0.179
glm-5.2 glm-5.2;1000000;;;1.103 3.862 0.276
glm-5.3 glm-5.3;1000000;;;1.103 3.862 0.276
glm-5.3-flash glm-5.3-flash;1000000;;;0.055 0.193 0.016
`,
  "github-models": `
deepseek/deepseek-v3-0324;128000;8192;TiaR
deepseek/deepseek-r1-0528;65536;8192;TiaR
deepseek/deepseek-r1;65536;8192;TiaR
meta/meta-llama-3-8b-instruct;8192;2048;TiaR
meta/llama-3.2-90b-vision-instruct;128000;8192;TIAR
meta/llama-3.3-70b-instruct;128000;32768;TiaR
meta/meta-llama-3.1-70b-instruct;128000;32768;TiaR
meta/llama-4-maverick-17b-128e-instruct-fp8;128000;8192;TIaR
meta/meta-llama-3.1-8b-instruct;128000;32768;TiaR
meta/meta-llama-3.1-405b-instruct;128000;32768;TiaR
meta/llama-3.2-11b-vision-instruct;128000;8192;TIAR
meta/llama-4-scout-17b-16e-instruct;128000;8192;TIaR
meta/meta-llama-3-70b-instruct;8192;2048;TiaR
xai/grok-3;128000;8192;TiaR
xai/grok-3-mini;128000;8192;TiaR
openai/gpt-4.1;128000;16384;TIar
openai/o1;200000;100000;tIaR
openai/o3;200000;100000;tIaR
openai/o1-preview;128000;32768;tiaR
openai/gpt-4o-mini;128000;16384;TIAr
openai/gpt-4.1-nano;128000;16384;TIar
openai/gpt-4.1-mini;128000;16384;TIar
openai/o1-mini;128000;65536;tiaR
openai/gpt-4o;128000;16384;TIAr
openai/o4-mini;200000;100000;tIaR
openai/o3-mini;200000;100000;tiaR
ai21-labs/ai21-jamba-1.5-mini;256000;4096;TiaR
ai21-labs/ai21-jamba-1.5-large;256000;4096;TiaR
microsoft/phi-3-medium-4k-instruct;4096;1024;TiaR
microsoft/phi-3.5-vision-instruct;128000;4096;TIaR
microsoft/phi-4-reasoning;128000;4096;TiaR
microsoft/phi-4;16000;4096;TiaR
microsoft/phi-3-small-8k-instruct;8192;2048;TiaR
microsoft/phi-4-mini-instruct;128000;4096;TiaR
microsoft/phi-3-mini-128k-instruct;128000;4096;TiaR
microsoft/phi-3-small-128k-instruct;128000;4096;TiaR
microsoft/mai-ds-r1;65536;8192;TiaR
microsoft/phi-3.5-moe-instruct;128000;4096;TiaR
microsoft/phi-4-multimodal-instruct;128000;4096;TIAR
microsoft/phi-4-mini-reasoning;128000;4096;TiaR
microsoft/phi-3.5-mini-instruct;128000;4096;TiaR
microsoft/phi-3-mini-4k-instruct;4096;1024;TiaR
microsoft/phi-3-medium-128k-instruct;128000;4096;TiaR
mistral-ai/mistral-small-2503;128000;32768;TIaR
mistral-ai/mistral-large-2411;128000;32768;TiaR
mistral-ai/mistral-medium-2505;128000;32768;TIaR
mistral-ai/ministral-3b;128000;8192;TiaR
mistral-ai/mistral-nemo;128000;8192;TiaR
mistral-ai/codestral-2501;32000;8192;TiaR
cohere/cohere-command-r-08-2024;128000;4096;TiaR
cohere/cohere-command-r-plus-08-2024;128000;4096;TiaR
cohere/cohere-command-a;128000;4096;TiaR
cohere/cohere-command-r;128000;4096;TiaR
cohere/cohere-command-r-plus;128000;4096;TiaR
core42/jais-30b-chat;8192;2048;TiaR
`,
  "workers-ai": `
starling-lm-7b-beta;4096;4096;Tiar
deepseek-coder-6.7b-base-awq;4096;4096;Tiar
openchat-3.5-0106;8192;8192;Tiar
mistral-7b-instruct-v0.2-lora;15000;15000;Tiar
llama-3.1-8b-instruct-awq;8192;8192;Tiar
mistral-7b-instruct-v0.2;3072;3072;Tiar
llava-1.5-7b-hf;;;tIar
resnet-50;;;tIar
deepseek-coder-6.7b-instruct-awq;4096;4096;Tiar
llama-3.1-70b-instruct;24000;24000;Tiar
qwen1.5-0.5b-chat;32000;32000;Tiar
qwen1.5-14b-chat-awq;7500;7500;Tiar
llama-3.2-3b-instruct;128000;128000;Tiar
gemma-7b-it-lora;3500;3500;Tiar
gemma-3-12b-it;80000;80000;Tiar
llama-3-8b-instruct;7968;7968;Tiar
gemma-7b-it;8192;8192;Tiar
qwq-32b;24000;24000;Tiar
llama-3.2-1b-instruct;60000;60000;Tiar
falcon-7b-instruct;4096;4096;Tiar
llama-3.1-8b-instruct-fast;128000;128000;Tiar
tinyllama-1.1b-chat-v1.0;2048;2048;Tiar
phoenix-1.0;;;tiar
stable-diffusion-v1-5-inpainting;;;tiar
llama-3-8b-instruct-awq;8192;8192;Tiar
openhermes-2.5-mistral-7b-awq;4096;4096;Tiar
llama-2-7b-chat-hf-lora;8192;8192;Tiar
gpt-oss-20b;128000;128000;tiar
llama-3.1-8b-instruct-fp8;32000;32000;Tiar
whisper;;;tiAr
uform-gen2-qwen-500m;;;tIar
bart-large-cnn;;;tiar
mistral-7b-instruct-v0.1;2824;2824;Tiar
una-cybertron-7b-v2-bf16;15000;15000;Tiar
hermes-2-pro-mistral-7b;24000;24000;Tiar
llama-2-13b-chat-awq;4096;4096;Tiar
qwen2.5-coder-32b-instruct;32768;32768;Tiar
m2m100-1.2b;;;tiar
melotts;;;tiar
stable-diffusion-xl-base-1.0;;;tiar
lucid-origin;;;tiar
llama-3.1-8b-instruct;7968;7968;Tiar
qwen1.5-7b-chat-awq;20000;20000;Tiar
mistral-small-3.1-24b-instruct;128000;128000;Tiar
llama-3.2-11b-vision-instruct;128000;128000;Tiar
llama-3.3-70b-instruct-fp8-fast;24000;24000;Tiar
phi-2;2048;2048;Tiar
whisper-large-v3-turbo;;;tiAr
mistral-7b-instruct-v0.1-awq;4096;4096;Tiar
aura-1;;;tiar
neural-chat-7b-v3-1-awq;4096;4096;Tiar
gpt-oss-120b;128000;128000;tiar
qwen1.5-1.8b-chat;32000;32000;Tiar
nova-3;;;tiAr
llama-4-scout-17b-16e-instruct;131000;131000;Tiar
gemma-2b-it-lora;8192;8192;Tiar
sqlcoder-7b-2;10000;10000;Tiar
deepseek-math-7b-instruct;4096;4096;Tiar
llama-2-7b-chat-fp16;4096;4096;Tiar
deepseek-r1-distill-qwen-32b;80000;80000;TiaR
discolm-german-7b-v1-awq;4096;4096;Tiar
stable-diffusion-xl-lightning;;;tiar
whisper-tiny-en;;;tiAr
zephyr-7b-beta-awq;4096;4096;Tiar
flux-1-schnell;2048;;tiar
stable-diffusion-v1-5-img2img;;;tiar
llama-2-7b-chat-int8;8192;8192;Tiar
llamaguard-7b-awq;4096;4096;Tiar
llama-guard-3-8b;;;tiar
dreamshaper-8-lcm;;;tiar
@cf/ai4bharat/indictrans2-en-indic-1b;;;;0.342 0.342
@cf/aisingapore/gemma-sea-lion-v4-27b-it;;;;0.351 0.555
@cf/deepseek-ai/deepseek-r1-distill-qwen-32b;;;;0.497 4.881
@cf/deepseek-ai/deepseek-v4-flash-0731;;;;0.44 1.32 0.014
@cf/deepseek-ai/deepseek-v4-pro-0813;;;;1.32 3.96 0.044
@cf/google/gemma-3-12b-it;;;;0.345 0.556
@cf/google/gemma-4-26b-a4b-it;256000;;;0.1 0.3
@cf/ibm-granite/granite-4.0-h-micro;;;;0.017 0.112
@cf/meta/llama-2-7b-chat-fp16;;;;0.556 6.667
@cf/meta/llama-3-8b-instruct;;;;0.282 0.827
@cf/meta/llama-3-8b-instruct-awq;;;;0.123 0.266
@cf/meta/llama-3.1-70b-instruct-fp8-fast;;;;0.293 2.253
@cf/meta/llama-3.1-8b-instruct;;;;0.282 0.827
@cf/meta/llama-3.1-8b-instruct-awq;;;;0.123 0.266
@cf/meta/llama-3.1-8b-instruct-fp8;;;;0.152 0.287
@cf/meta/llama-3.1-8b-instruct-fp8-fast @cf/meta/llama-3.1-8b-instruct-fast;;;;0.045 0.384
@cf/meta/llama-3.2-11b-vision-instruct;;;;0.049 0.676
@cf/meta/llama-3.2-1b-instruct;;;;0.027 0.201
@cf/meta/llama-3.2-3b-instruct;;;;0.051 0.335
@cf/meta/llama-3.3-70b-instruct-fp8-fast;24000;;;0.293 2.253
@cf/meta/llama-4-scout-17b-16e-instruct;;;;0.27 0.85
@cf/meta/llama-guard-3-8b;;;;0.484 0.03
@cf/meta/m2m100-1.2b;;;;0.342 0.342
@cf/mistral/mistral-7b-instruct-v0.1;;;;0.11 0.19
@cf/mistralai/mistral-small-3.1-24b-instruct;;;;0.351 0.555
@cf/moondream/moondream3.1-9b-a2b;;;;0.3 1
@cf/moonshotai/kimi-k2.5;;;;0.6 3 0.1
@cf/moonshotai/kimi-k2.6;;;;0.95 4 0.16
@cf/moonshotai/kimi-k2.7-code;;;;0.95 4 0.19
@cf/nvidia/nemotron-3-120b-a12b;;;;0.5 1.5
@cf/openai/gpt-oss-120b;128000;;;0.35 0.75
@cf/openai/gpt-oss-20b;128000;;;0.2 0.3
@cf/qwen/qwen2.5-coder-32b-instruct;;;;0.66 1
@cf/qwen/qwen3-30b-a3b-fp8;;;;0.051 0.335
@cf/qwen/qwen3.8-27b;262144;;;0.45 3.2
@cf/qwen/qwq-32b;;;;0.66 1
@cf/zai-org/glm-4.7-flash;131072;;;0.06 0.4
@cf/zai-org/glm-5.2;;;;1.4 4.4 0.26
@cf/zai-org/glm-5.3-flash;;;;0.15 0.5 0.03
`,
  "deepinfra": `
qwen/qwen3-coder-480b-a35b-instruct-turbo;262144;66536;Tiar
qwen/qwen3-coder-480b-a35b-instruct;262144;66536;Tiar
zai-org/glm-4.5;131072;98304;Tiar
moonshotai/kimi-k2-instruct;131072;32768;Tiar
`,
  "nvidia-nim": `
mistral-small-3.1-24b-instruct-2503;128000;8192;TIaR
llama-3.3-nemotron-super-49b-v1.5;131072;8192;TiaR
qwen3-235b-a22b;131072;8192;TiaR
deepseek-v3.1;128000;8192;TiaR
flux_1-dev;4096;;tiar
cosmos-nemotron-34b;131072;8192;tIaR
whisper-large-v3;;4096;tiAr
qwen3-coder-480b-a35b-instruct;262144;66536;Tiar
phi-4-multimodal-instruct;131072;8192;TIAR
parakeet-tdt-0.6b-v2;;4096;tiAr
llama-3.1-nemotron-ultra-253b-v1;131072;8192;TiaR
deepseek-r1;131072;8192;tiaR
nemoretriever-ocr-v1;;4096;tIar
gemma-3-27b-it;131072;8192;TIaR
`,
  "dashscope": `
qwen3-coder-plus;1048576;65536;Tiar
`,
  "upstage": `
solar-pro2;65536;8192;TiaR
solar-mini;32768;4096;Tiar
`,
};
