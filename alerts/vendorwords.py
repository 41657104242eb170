"""What vendors are called in other people's config files, as data: words, names of models, hosts. Pure.

Only for reading what a file says of itself (`LLM_PROVIDER=claude` and ANTHROPIC_API_KEY belong together). Whose a route
is, is judged by the caller's catalogue. Spellings seen in public .env files, 2026-11.
"""

import re
from functools import lru_cache
from typing import Final

_FAMILIES: Final = {
    "openai": "openai gpt chatgpt oai",
    "azure": "azure azureopenai aoai azureai",
    "anthropic": "anthropic claude claudecode",
    "gemini": "gemini google googleai googlegenai googlegenerativeai palm googleaistudio generativelanguage",
    "vertex": "vertex vertexai googlevertex gcp",
    "deepseek": "deepseek",
    "dashscope": "dashscope qwen tongyi alibaba aliyun aliyuncs bailian modelstudio",
    "moonshot": "moonshot moonshotai kimi",
    "zhipu": "zhipu zhipuai glm chatglm bigmodel zai",
    "minimax": "minimax minimaxi",
    "xai": "xai grok",
    "mistral": "mistral mistralai",
    "groq": "groq",
    "openrouter": "openrouter",
    "together": "together togetherai togethercomputer",
    "fireworks": "fireworks fireworksai",
    "ollama": "ollama",
    "lmstudio": "lmstudio",
    "vllm": "vllm",
    "llamacpp": "llamacpp",
    "localai": "localai",
    "bedrock": "bedrock awsbedrock amazonbedrock aws amazon",
    "cohere": "cohere",
    "perplexity": "perplexity pplx",
    "siliconflow": "siliconflow silicon",
    "volcengine": "volcengine doubao ark volces",
    "tencent": "tencent hunyuan",
    "qianfan": "qianfan ernie wenxin baidu baidubce",
    "stepfun": "stepfun step",
    "xiaomi": "xiaomi mimo",
    "nvidia": "nvidia nim nvidianim",
    "huggingface": "huggingface hf",
    "cerebras": "cerebras",
    "sambanova": "sambanova",
    "litellm": "litellm",
    "modelscope": "modelscope",
    "deepinfra": "deepinfra",
    "hyperbolic": "hyperbolic",
    "novita": "novita",
    "github": "githubmodels",
    "cloudflare": "cloudflare workersai",
    "baichuan": "baichuan",
    "lingyi": "lingyiwanwu 01ai lingyi yi",
    "spark": "spark xunfei iflytek",
    "aimlapi": "aimlapi",
    "replicate": "replicate",
}
_SIGNS: Final = re.compile(r"[^a-z0-9]+")
_BY_WORD: Final = {word: family for family, words in _FAMILIES.items() for word in words.split()}
_MAKERS: Final = {
    "gpt-oss": "",          # open weights: whoever serves it
    "gpt": "openai", "chatgpt": "openai", "o1": "openai", "o3": "openai", "o4": "openai", "codex": "openai",
    "text-embedding": "openai", "dall-e": "openai", "whisper": "openai", "tts": "openai", "davinci": "openai",
    "claude": "anthropic", "opus": "anthropic", "sonnet": "anthropic", "haiku": "anthropic", "gemini": "gemini",
    "qwen": "dashscope", "qwq": "dashscope", "kimi": "moonshot", "moonshot": "moonshot", "glm": "zhipu",
    "deepseek": "deepseek", "mimo": "xiaomi", "grok": "xai", "mistral": "mistral", "codestral": "mistral",
    "ministral": "mistral", "minimax": "minimax", "abab": "minimax", "ernie": "qianfan", "hunyuan": "tencent",
    "doubao": "volcengine", "step": "stepfun", "command": "cohere", "llama": "meta", "sonar": "perplexity",
}
_MAKER: Final = re.compile(rf"({'|'.join(sorted(_MAKERS, key=len, reverse=True))})(?![a-z])")
_NO_PLACE: Final = frozenset({"", "api", "www", "com", "cn", "ai", "net", "org", "io", "dev", "eu", "us", "step", "nim",
                              "github", "google", "spark", "together"})
# those that serve other makers' models under their own account
RESELLERS: Final = frozenset({
    "azure", "vertex", "bedrock", "openrouter", "together", "fireworks", "groq", "siliconflow", "litellm", "ollama",
    "lmstudio", "vllm", "llamacpp", "localai", "nvidia", "huggingface", "cerebras", "sambanova", "modelscope",
    "deepinfra", "hyperbolic", "novita", "github", "cloudflare", "aimlapi", "replicate",
})
CLOUDS: Final = frozenset({"azure", "bedrock", "vertex"})     # they run other makers' models themselves
LOCAL: Final = frozenset({"ollama", "lmstudio", "vllm", "llamacpp", "localai"})     # they need no key


@lru_cache(maxsize=8192)
def family(word: str) -> str:
    """The vendor a word names, whatever its case and dashes: 'Azure-OpenAI' is azure. '' where it names none."""
    return _BY_WORD.get(_SIGNS.sub("", word.lower()), "")


@lru_cache(maxsize=8192)
def family_in(name: str) -> str:
    """The vendor among the words of a variable's name, the longest run first: AZURE_OPENAI_API_KEY is azure."""
    words = [word for word in _SIGNS.split(name.lower()) if word]
    for size in range(min(len(words), 3), 0, -1):
        for at in range(len(words) - size + 1):
            found = family("".join(words[at:at + size]))
            if found:
                return found
    return ""


def split_model(value: str) -> tuple[str, str, str]:
    """(prefix, sign, model) of 'openai/gpt-5' or 'openai:gpt-5'; prefix and sign are '' where no vendor is named."""
    found = re.match(r"([\w.-]+)([/:])(.+)", value)
    if found and family(found.group(1)) and "://" not in value:
        return found.group(1), found.group(2), found.group(3)
    return "", "", value


def maker(model: str) -> str:
    """Who made a model, by its name: 'us.anthropic.claude-opus' is anthropic's. '' where the name does not say."""
    for part in reversed(re.split(r"[/:]", model.lower())):
        found = _MAKER.search(part) if re.match(r"(us|eu|apac|global|anthropic|amazon|meta)\.", part) else _MAKER.match(
            part)
        if found:
            return _MAKERS[found.group(1)]
    prefix, _, _ = split_model(model)
    return family(prefix)


def family_at(url: str) -> str:
    """The vendor whose word stands in a URL's host, the domain before what is under it: openai.azure.com is azure's.
    '' where it is nobody's we know.
    """
    found = re.match(r"[a-z+]+://([^/:\s@]+)", url.lower())
    if not found:
        return ""
    host = found.group(1)
    if host.endswith(".x.ai") or host == "x.ai":
        return "xai"
    if host.endswith(".z.ai") or host == "z.ai":
        return "zhipu"
    labels = [part for label in reversed(host.split(".")) for part in (label, *label.split("-"))]
    return next((word for word in map(family, (one for one in labels if one not in _NO_PLACE)) if word), "")


# where a vendor's own API of a dialect is, for a file that holds only its key (vendors' documentation, 2026-11; of
# several regions the first one the catalogue lists)
_OPENAI_BASES: Final = {
    "openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com/v1",
    "gemini": "https://generativelanguage.googleapis.com/v1beta/openai", "deepseek": "https://api.deepseek.com/v1",
    "dashscope": "https://dashscope.aliyuncs.com/compatible-mode/v1", "moonshot": "https://api.moonshot.cn/v1",
    "zhipu": "https://open.bigmodel.cn/api/paas/v4", "minimax": "https://api.minimaxi.com/v1",
    "xai": "https://api.x.ai/v1", "mistral": "https://api.mistral.ai/v1", "groq": "https://api.groq.com/openai/v1",
    "openrouter": "https://openrouter.ai/api/v1", "together": "https://api.together.xyz/v1",
    "fireworks": "https://api.fireworks.ai/inference/v1", "cerebras": "https://api.cerebras.ai/v1",
    "siliconflow": "https://api.siliconflow.cn/v1", "stepfun": "https://api.stepfun.com/v1",
    "volcengine": "https://ark.cn-beijing.volces.com/api/v3", "xiaomi": "https://api.xiaomimimo.com/v1",
    "qianfan": "https://qianfan.baidubce.com/v2", "huggingface": "https://router.huggingface.co/v1",
}
_MESSAGES_BASES: Final = {
    "anthropic": "https://api.anthropic.com", "moonshot": "https://api.moonshot.cn/anthropic",
    "deepseek": "https://api.deepseek.com/anthropic", "zhipu": "https://open.bigmodel.cn/api/anthropic",
    "dashscope": "https://dashscope.aliyuncs.com/apps/anthropic", "minimax": "https://api.minimaxi.com/anthropic",
    "xiaomi": "https://api.xiaomimimo.com/anthropic", "openrouter": "https://openrouter.ai/api",
    "siliconflow": "https://api.siliconflow.cn",
}
# the usual variable of a key, where it is not the vendor's own word
_KEYS: Final = {"volcengine": "ARK_API_KEY", "xiaomi": "MIMO_API_KEY", "huggingface": "HF_TOKEN"}
# what reads these vendors' variables speaks a dialect that nobody else serves
NATIVE: Final = frozenset({"gemini", "vertex", "bedrock", "cohere", "azure", "replicate", "huggingface"})


def own_base(vendor: str, speaker: str) -> str:
    """A vendor's own public base URL for clients of `speaker` (anthropic: the Messages API; else OpenAI's), or ''."""
    return (_MESSAGES_BASES if speaker == "anthropic" else _OPENAI_BASES).get(vendor, "")


def own_key(vendor: str) -> str:
    """The variable that usually holds a vendor's key: MOONSHOT_API_KEY."""
    return _KEYS.get(vendor, f"{vendor.upper()}_API_KEY")


def of_messages() -> tuple[str, ...]:
    """The vendors that serve Anthropic's Messages API."""
    return tuple(_MESSAGES_BASES)
