import type { ProviderKind } from "../src/contract/provider.ts";
import { ai21 } from "./ai21.ts";
import { anthropic } from "./anthropic.ts";
import { azure } from "./azure.ts";
import { bedrock } from "./bedrock.ts";
import { cerebras } from "./cerebras.ts";
import { cfAiGateway } from "./cf-ai-gateway.ts";
import { cohere } from "./cohere.ts";
import { coreweaveWandb } from "./coreweave-wandb.ts";
import { dashscope } from "./dashscope.ts";
import { databricks } from "./databricks.ts";
import { deepinfra } from "./deepinfra.ts";
import { deepseek } from "./deepseek.ts";
import { fireworks } from "./fireworks.ts";
import { gemini } from "./gemini.ts";
import { githubModels } from "./github-models.ts";
import { groq } from "./groq.ts";
import { huggingface } from "./huggingface.ts";
import { hunyuan } from "./hunyuan.ts";
import { hyperbolic } from "./hyperbolic.ts";
import { litellm } from "./litellm.ts";
import { llamacpp } from "./llamacpp.ts";
import { lmstudio } from "./lmstudio.ts";
import { localai } from "./localai.ts";
import { minimax } from "./minimax.ts";
import { mistral } from "./mistral.ts";
import { moonshot } from "./moonshot.ts";
import { nebius } from "./nebius.ts";
import { newApi } from "./new-api.ts";
import { novita } from "./novita.ts";
import { nvidiaNim } from "./nvidia-nim.ts";
import { ollama } from "./ollama/index.ts";
import { openai } from "./openai.ts";
import { openaiCompatible } from "./openai-compatible.ts";
import { opencodeZen } from "./opencode-zen.ts";
import { openrouter } from "./openrouter.ts";
import { perplexity } from "./perplexity.ts";
import { portkey } from "./portkey.ts";
import { qianfan } from "./qianfan.ts";
import { replicate } from "./replicate.ts";
import { sambanova } from "./sambanova.ts";
import { sglang } from "./sglang.ts";
import { siliconflow } from "./siliconflow.ts";
import { simulator } from "./simulator.ts";
import { stepfun } from "./stepfun.ts";
import { tgi } from "./tgi.ts";
import { together } from "./together.ts";
import { upstage } from "./upstage.ts";
import { vercelAiGateway } from "./vercel-ai-gateway.ts";
import { vertex } from "./vertex.ts";
import { vllm } from "./vllm.ts";
import { volcengine } from "./volcengine.ts";
import { watsonx } from "./watsonx.ts";
import { workersAi } from "./workers-ai/index.ts";
import { xai } from "./xai.ts";
import { zhipu } from "./zhipu.ts";

const kinds: readonly ProviderKind[] = [
  ai21,
  anthropic,
  azure,
  bedrock,
  cerebras,
  cfAiGateway,
  cohere,
  coreweaveWandb,
  dashscope,
  databricks,
  deepinfra,
  deepseek,
  fireworks,
  gemini,
  githubModels,
  groq,
  huggingface,
  hunyuan,
  hyperbolic,
  litellm,
  llamacpp,
  lmstudio,
  localai,
  minimax,
  mistral,
  moonshot,
  nebius,
  newApi,
  novita,
  nvidiaNim,
  ollama,
  openai,
  openaiCompatible,
  opencodeZen,
  openrouter,
  perplexity,
  portkey,
  qianfan,
  replicate,
  sambanova,
  sglang,
  siliconflow,
  simulator,
  stepfun,
  tgi,
  together,
  upstage,
  vercelAiGateway,
  vertex,
  vllm,
  volcengine,
  watsonx,
  workersAi,
  xai,
  zhipu,
];

/** The registry: the only list of providers. One line per kind, by the name that the config uses. */
export const providerKinds: ReadonlyMap<string, ProviderKind> = new Map(
  kinds.map((kind) => [kind.kind, kind]),
);
